// What each section is for.
import type { Words } from './words'

export const SECTION_WORDS: Readonly<Record<string, Words>> = {
  Unit: [
    'What every unit has: description, dependencies, order, conditions, start limits.',
    '모든 유닛에 있는 것: 설명, 의존성, 순서, 조건, 시작 제한.',
  ],
  Install: [
    'What `systemctl enable` does. The manager itself does not read it.',
    '`systemctl enable`이 하는 일. 매니저 자신은 읽지 않습니다.',
  ],
  Service: ['A program that is started, watched and stopped.', '시작하고 지켜보고 멈추는 프로그램.'],
  Socket: [
    'A socket or FIFO that systemd listens on; the service starts at the first connection.',
    'systemd가 듣는 소켓이나 FIFO. 첫 접속에 서비스를 시작합니다.',
  ],
  Timer: ['Moments at which another unit is started.', '다른 유닛을 시작할 시점.'],
  Path: ['Files that are watched; a change starts another unit.', '지켜볼 파일. 바뀌면 다른 유닛을 시작합니다.'],
  Mount: [
    'A file system and where it is mounted; the file is named after the place.',
    '파일 시스템과 마운트 위치. 파일 이름은 위치에서 나옵니다.',
  ],
  Automount: ['A place that is mounted when somebody looks.', '누군가 접근할 때 마운트되는 곳.'],
  Swap: ['A device or file for swapping.', '스왑으로 쓸 장치나 파일.'],
  Slice: ['A group of units with limits they share.', '제한을 함께 나누는 유닛 묶음.'],
  Scope: ['Processes that somebody else started, with limits.', '다른 쪽에서 시작한 프로세스와 그 제한.'],
}

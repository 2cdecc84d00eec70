// Capabilities and groups of system calls, with what they are for.
import { syscallGroups } from '@/lib/systemd/seccomp-groups'
import type { Words } from './words/words'

export const CAPABILITY_WORDS: Readonly<Record<string, Words>> = {
  CAP_CHOWN: ['change owners of files', '파일 소유자 바꾸기'],
  CAP_DAC_OVERRIDE: ['pass by all file permissions', '파일 권한 검사를 건너뛰기'],
  CAP_DAC_READ_SEARCH: ['read all files, search all directories', '모든 파일 읽기, 모든 디렉터리 탐색'],
  CAP_FOWNER: ['act as owner of any file', '모든 파일의 소유자처럼 행동'],
  CAP_FSETID: ['keep setuid and setgid bits', 'setuid·setgid 비트 유지'],
  CAP_KILL: ['signal any process', '모든 프로세스에 시그널 보내기'],
  CAP_SETGID: ['change group', '그룹 바꾸기'],
  CAP_SETUID: ['change user', '사용자 바꾸기'],
  CAP_SETPCAP: ['give and take capabilities', 'capability 주고받기'],
  CAP_LINUX_IMMUTABLE: ['set the immutable flag', '변경 불가 플래그 설정'],
  CAP_NET_BIND_SERVICE: ['bind ports below 1024', '1024 미만 포트 열기'],
  CAP_NET_BROADCAST: ['broadcast and listen to multicast', '브로드캐스트와 멀티캐스트'],
  CAP_NET_ADMIN: ['configure the network', '네트워크 설정'],
  CAP_NET_RAW: ['raw sockets (ping)', 'raw 소켓(ping)'],
  CAP_IPC_LOCK: ['lock memory', '메모리 잠그기'],
  CAP_IPC_OWNER: ['pass by permissions of IPC objects', 'IPC 객체 권한 검사를 건너뛰기'],
  CAP_SYS_MODULE: ['load kernel modules', '커널 모듈 적재'],
  CAP_SYS_RAWIO: ['raw I/O', '직접 I/O'],
  CAP_SYS_CHROOT: ['chroot', 'chroot'],
  CAP_SYS_PTRACE: ['trace any process', '모든 프로세스 추적'],
  CAP_SYS_PACCT: ['process accounting', '프로세스 회계'],
  CAP_SYS_ADMIN: ['mounts and much else: nearly root', '마운트 등 다수: 거의 root'],
  CAP_SYS_BOOT: ['reboot', '재부팅'],
  CAP_SYS_NICE: ['raise priorities', '우선순위 높이기'],
  CAP_SYS_RESOURCE: ['go above limits', '자원 제한 넘기'],
  CAP_SYS_TIME: ['set the clock', '시계 맞추기'],
  CAP_SYS_TTY_CONFIG: ['configure terminals', '터미널 설정'],
  CAP_MKNOD: ['make device nodes', '장치 노드 만들기'],
  CAP_LEASE: ['file leases', '파일 리스'],
  CAP_AUDIT_WRITE: ['write audit records', '감사 기록 쓰기'],
  CAP_AUDIT_CONTROL: ['control auditing', '감사 제어'],
  CAP_SETFCAP: ['set capabilities of files', '파일 capability 설정'],
  CAP_SYSLOG: ['read the kernel log', '커널 로그 읽기'],
  CAP_WAKE_ALARM: ['wake the system', '시스템 깨우기'],
  CAP_BLOCK_SUSPEND: ['block suspend', '절전 막기'],
  CAP_AUDIT_READ: ['read audit records', '감사 기록 읽기'],
  CAP_PERFMON: ['performance monitoring', '성능 측정'],
  CAP_BPF: ['load BPF programs', 'BPF 프로그램 적재'],
  CAP_CHECKPOINT_RESTORE: ['checkpoint and restore', '체크포인트와 복원'],
  CAP_MAC_ADMIN: ['configure mandatory access control', '강제 접근 제어 설정'],
  CAP_MAC_OVERRIDE: ['override mandatory access control', '강제 접근 제어 무시'],
}

const GROUPS: Readonly<Record<string, Words>> = {
  '@system-service': ['a good allow list for services', '서비스에 알맞은 허용 목록'],
  '@basic-io': ['read, write, seek, close', '읽기, 쓰기, 닫기'],
  '@file-system': ['files and directories', '파일과 디렉터리'],
  '@network-io': ['sockets', '소켓'],
  '@process': ['processes: fork, exec, wait, kill', '프로세스: fork, exec, wait, kill'],
  '@signal': ['signals', '시그널'],
  '@timer': ['timers', '타이머'],
  '@ipc': ['pipes, message queues, shared memory', '파이프, 메시지 큐, 공유 메모리'],
  '@io-event': ['poll, select, epoll', 'poll, select, epoll'],
  '@mount': ['mounting', '마운트'],
  '@privileged': ['calls that need privileges', '특권이 필요한 호출'],
  '@reboot': ['reboot, kexec', '재부팅, kexec'],
  '@swap': ['swap on and off', '스왑 켜고 끄기'],
  '@module': ['kernel modules', '커널 모듈'],
  '@raw-io': ['I/O ports', 'I/O 포트'],
  '@debug': ['ptrace, perf', 'ptrace, perf'],
  '@clock': ['set the clock', '시계 맞추기'],
  '@chown': ['change owners', '소유자 바꾸기'],
  '@setuid': ['change users', '사용자 바꾸기'],
  '@keyring': ['kernel keyrings', '커널 키링'],
  '@memlock': ['lock memory', '메모리 잠그기'],
  '@resources': ['priorities and limits', '우선순위와 제한'],
  '@sandbox': ['sandbox oneself', '스스로 샌드박스'],
  '@cpu-emulation': ['CPU emulation', 'CPU 에뮬레이션'],
  '@obsolete': ['obsolete calls', '쓰이지 않는 호출'],
  '@aio': ['asynchronous I/O', '비동기 I/O'],
  '@sync': ['flush to disk', '디스크로 내리기'],
  '@pkey': ['memory protection keys', '메모리 보호 키'],
  '@default': ['always allowed', '언제나 허용'],
  '@known': ['all calls that systemd knows', 'systemd가 아는 모든 호출'],
}
const FIRST = ['@system-service', '@basic-io', '@file-system', '@network-io', '@process', '@mount', '@privileged', '@resources']

const order = (name: string): number =>
  FIRST.includes(name) ? FIRST.indexOf(name) : name.startsWith('@') ? FIRST.length : FIRST.length + 1

const calls = new Set([...syscallGroups.values()].flat().filter((name) => !name.startsWith('@')))

/** Groups first, then every call by name. */
export const SYSCALL_WORDS: readonly { readonly name: string; readonly words: Words | undefined }[] = [
  ...syscallGroups.keys(),
  ...[...calls].sort(),
]
  .map((name) => ({ name, words: GROUPS[name] }))
  .sort((a, b) => order(a.name) - order(b.name))

export const syscallGroupWords = (name: string): Words | undefined => GROUPS[name]

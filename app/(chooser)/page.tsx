// The door: a stored choice, then the browser's languages; plain links where no script runs.
import { dictionary, localeNames, locales } from '@/components/dictionary'
import { localeKey } from '@/components/settings/settings'
import { Mark } from '@/components/site/mark'

const base = process.env['UNITLAB_BASE_PATH'] ?? ''
const choose = `(function(){var all=${JSON.stringify(locales)},pick;try{pick=localStorage.getItem(${JSON.stringify(localeKey)})}catch(e){}
if(all.indexOf(pick)<0){pick=(navigator.languages||[navigator.language||'']).map(function(l){return l.slice(0,2).toLowerCase()}).filter(function(l){return all.indexOf(l)>=0})[0]||'en'}
location.replace(${JSON.stringify(base)}+'/'+pick+'/')})()`

export default function Chooser() {
  return (
    <main id="content" className="grid min-h-dvh place-items-center p-6">
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own constant; it sends people on before they see this page */}
      <script dangerouslySetInnerHTML={{ __html: choose }} />
      <div className="grid justify-items-center gap-6 text-center">
        <span className="text-brand">
          <Mark size={44} />
        </span>
        <h1 className="text-28">Unitlab</h1>
        <ul className="grid gap-3">
          {locales.map((locale) => (
            <li key={locale}>
              <a href={`${base}/${locale}/`} hrefLang={locale} lang={locale} className="grid gap-0.5">
                <span className="text-17">{localeNames[locale]}</span>
                <span className="text-13 text-dim">{dictionary(locale).site.tagline}</span>
              </a>
            </li>
          ))}
        </ul>
      </div>
    </main>
  )
}

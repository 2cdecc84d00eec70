// The site is a static export: no server, any dumb file host will do. `UNITLAB_BASE_PATH=/lab` builds it for a sub-folder.
import createMDX from '@next/mdx'
import type { NextConfig } from 'next'

const basePath = process.env['UNITLAB_BASE_PATH'] ?? ''

const config: NextConfig = {
  output: 'export',
  ...(basePath === '' ? {} : { basePath }),
  trailingSlash: true,
  images: { unoptimized: true },
  pageExtensions: ['ts', 'tsx', 'mdx'],
  reactStrictMode: true,
  // Types are a step of their own; the build does not repeat it.
  typescript: { ignoreBuildErrors: true },
  env: { UNITLAB_BASE_PATH: basePath },
  experimental: { globalNotFound: true },
}

// Plugins by name: Turbopack cannot take functions.
const withMDX = createMDX({
  extension: /\.mdx$/,
  options: {
    remarkPlugins: ['remark-frontmatter', ['remark-mdx-frontmatter', { name: 'frontmatter' }], 'remark-gfm'],
    rehypePlugins: [
      'rehype-slug',
      [
        '@shikijs/rehype',
        {
          themes: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
          defaultColor: false,
          langs: ['ini', 'bash', 'systemd', 'c', 'python'],
        },
      ],
    ],
  },
})

export default withMDX(config)

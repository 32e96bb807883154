import { defineConfig, type PlaywrightTestConfig } from '@playwright/test';
import { BROWSER_ARGS as EMBED_ARGS } from './support/sites';

const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium';
// The browser of the distribution, told not to talk to anybody.
const CHROMIUM_ARGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const phone = { width: 320, height: 720 };
const desktop = { width: 1280, height: 900 };

const config: PlaywrightTestConfig = {
  testDir: '.',
  outputDir: 'test-results',
  reporter: 'list',
  fullyParallel: false,
  workers: 2,
  // A test that needs a second try has found something.
  retries: 0,
  forbidOnly: true,
  timeout: 40_000,
  expect: { timeout: 8_000 },
  use: {
    viewport: phone,
    colorScheme: 'light',
    locale: 'en-US',
    actionTimeout: 8_000,
    navigationTimeout: 10_000,
    trace: 'off',
    launchOptions: {
      executablePath: CHROMIUM,
      args: CHROMIUM_ARGS,
    },
  },
  projects: [
    // Everything once on a phone with script, the flows without it too, and the main ways through
    // them on a desktop.
    { name: 'phone-light', testMatch: 'specs/{flow,rules}/**/*.spec.ts' },
    {
      name: 'phone-dark-nojs',
      testMatch: 'specs/flow/**/*.spec.ts',
      use: { colorScheme: 'dark', javaScriptEnabled: false },
    },
    {
      name: 'desktop-dark',
      testMatch: 'specs/flow/{transfer,repair,leave}.spec.ts',
      use: { viewport: desktop, colorScheme: 'dark' },
    },
    {
      name: 'desktop-light-nojs',
      testMatch: 'specs/flow/{transfer,repair,leave}.spec.ts',
      use: { viewport: desktop, javaScriptEnabled: false },
    },
    // Every screen with and without script, on a phone and a desktop, light and dark.
    { name: 'tour', testMatch: 'specs/tour/**/*.spec.ts' },
    // Carriers that take their time, moved on by the test clock.
    { name: 'slow', testMatch: 'specs/slow/**/*.spec.ts' },
    // Connect inside pages of others, over TLS, with cookies of other sites blocked.
    {
      name: 'embed',
      testMatch: 'specs/embed/**/*.spec.ts',
      use: {
        launchOptions: { executablePath: CHROMIUM, args: [...CHROMIUM_ARGS, ...EMBED_ARGS, '--test-third-party-cookie-phaseout'] },
        viewport: desktop,
      },
    },
    { name: 'screenshots', testMatch: 'screenshots.ts' },
  ],
};

export default defineConfig(config);

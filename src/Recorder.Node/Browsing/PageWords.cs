namespace Recorder.Node.Browsing;

/// <summary>The words by which a page steers its own record.</summary>
internal static class PageWords
{
    /// <summary>Completes with the words that the page has said since the last time; undefined when nothing hears
    /// them.</summary>
    public const string Take = "window[Symbol.for('recorder.words')]?.take()";

    /// <summary>
    /// Hears the words of a page: the console lines that templates of LiveKit's egress write, and the functions of
    /// <c>window.recorder</c>. The words wait in the outermost window of the page's origin until they are asked for. A
    /// page that says more than 20 words a second is heard no more in that second.
    /// </summary>
    public const string Hear = """
        (() => {
          const key = Symbol.for('recorder.words');
          const make = () => {
            const said = [];
            const starters = [];
            let wake = null;
            let second = 0;
            let count = 0;
            const words = {
              started: false,
              onStart: look => { starters.push(look); },
              say: (word, text) => {
                const now = Math.floor(performance.now() / 1000);
                count = now === second ? count + 1 : 1;
                second = now;
                if (count > 20) return;
                if (word === 'start') {
                  words.started = true;
                  starters.splice(0).forEach(look => look());
                }
                said.push([word, String(text ?? '').slice(0, 200), Date.now()]);
                if (said.length > 64) said.shift();
                wake?.();
              },
              take: () => new Promise(done => {
                const give = () => {
                  wake = null;
                  done(said.splice(0));
                };
                if (said.length > 0) give();
                else wake = give;
              }),
            };
            return words;
          };
          let words = null;
          try {
            words = top[key] ?? null;
          } catch { /* Another origin's window. */ }
          if (words === null) {
            words = window[key] ?? make();
            Object.defineProperty(window, key, { value: words, configurable: true });
          }
          const known = { START_RECORDING: 'start', END_RECORDING: 'end' };
          for (const name of ['log', 'info', 'debug', 'warn', 'error']) {
            const own = console[name];
            if (typeof own !== 'function') continue;
            const heard = ((...given) => {
              for (const one of given) {
                if (typeof one === 'string' && Object.hasOwn(known, one)) words.say(known[one]);
              }
              return own.apply(console, given);
            }).bind(undefined);
            Object.defineProperty(heard, 'name', { value: name, configurable: true });
            console[name] = heard;
          }
          if (!('recorder' in window)) {
            Object.defineProperty(window, 'recorder', {
              value: Object.freeze({
                start: () => words.say('start'),
                end: reason => words.say('end', reason),
                mark: title => words.say('mark', title),
              }),
              writable: true,
              configurable: true,
            });
          }
        })()
        """;
}

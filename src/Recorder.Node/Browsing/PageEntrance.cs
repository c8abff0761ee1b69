using System.Text.Json;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Browsing;

/// <summary>What a page has said about the beginning of its record.</summary>
/// <param name="Entered">Whether the record may begin.</param>
/// <param name="InLobby">Whether the page shows its lobby.</param>
/// <param name="Failure">Why the caller's script or selector cannot be used; null when it can.</param>
internal sealed record EntranceNews(bool Entered, bool InLobby, string? Failure);

/// <summary>The question to a page whether its record may begin. The page itself looks at every frame, so that the
/// answer comes at once. Pure.</summary>
internal static class PageEntrance
{
    private const string Look = """
        ((config, script) => new Promise(done => {
          const roots = (root, found = []) => {
            found.push(root);
            for (const frame of root.querySelectorAll('iframe, frame')) {
              try {
                if (frame.contentDocument) roots(frame.contentDocument, found);
              } catch { /* Another origin's frame. */ }
            }
            return found;
          };
          const shown = element => element.checkVisibility?.() ?? true;
          const there = selector => roots(document).some(root => [...root.querySelectorAll(selector)].some(shown));
          const says = texts => roots(document).some(root => {
            const text = (root.body?.innerText ?? '').replace(/\s+/g, ' ').toLowerCase();
            return texts.some(one => text.includes(one));
          });
          const words = () => window[Symbol.for('recorder.words')];
          let failure = null;
          const attempt = look => {
            try {
              return look();
            } catch (error) {
              failure = String(error?.message ?? error);
              return false;
            }
          };
          const lobby = () => attempt(() => config.lobbySelector !== null && there(config.lobbySelector))
            || attempt(() => config.lobbyTexts.length > 0 && says(config.lobbyTexts));
          let answered;
          const ask = () => {
            if (answered !== undefined) return answered === true;
            answered = null;
            Promise.race([
              Promise.resolve().then(() => { const value = script(); return typeof value === 'function' ? value() : value; }),
              new Promise(late => setTimeout(late, 1000, false)),
            ]).then(value => { answered = value ? true : undefined; }, error => {
              failure = String(error?.message ?? error);
              setTimeout(() => { answered = undefined; }, 250);
            });
            return false;
          };
          const holds = () => {
            switch (config.when) {
              case 'painted': return true;
              case 'signal': return words()?.started === true;
              case 'selector': return attempt(() => there(config.selector));
              case 'script': return ask();
              default: return false;
            }
          };
          const patient = config.when === 'painted' && (config.lobbySelector !== null || config.lobbyTexts.length > 0);
          let clear = null;
          let looked = -1;
          let over = false;
          const end = news => {
            over = true;
            done({ ...news, failure });
          };
          const look = () => {
            if (over) return;
            const now = performance.now();
            const reached = holds();
            if ((reached && !patient) || looked < 0 || now - looked > 250) {
              looked = now;
              const inLobby = lobby();
              // Many pages draw their lobby after they have loaded, and some never finish loading.
              const ready = document.readyState === 'complete' || now > 5000;
              clear = inLobby || !ready ? null : clear ?? now;
              if (inLobby !== config.inLobby && (inLobby || !reached || (patient && config.inLobby))) {
                return end({ entered: false, inLobby });
              }
              if (reached && !inLobby && (!patient || (clear !== null && now - clear >= 1000))) {
                // The picture that the record begins with is painted first.
                over = true;
                requestAnimationFrame(() => setTimeout(() => end({ entered: true, inLobby }), 0));
                return;
              }
            }
            if (failure !== null && failure !== config.failure) return end({ entered: false, inLobby: config.inLobby });
            requestAnimationFrame(look);
          };
          if (config.when === 'signal') words()?.onStart(look);
          look();
        }))
        """;

    /// <summary>
    /// The expression whose promise is kept as soon as the page enters or leaves its lobby, or its record may begin.
    /// </summary>
    /// <param name="rule">The rule for the beginning.</param>
    /// <param name="inLobby">What the page last said of its lobby; null when it has said nothing yet.</param>
    /// <param name="failure">The failure that the page last told, or null.</param>
    public static string Question(BeginRule rule, bool? inLobby, string? failure)
    {
        var config = JsonSerializer.Serialize(
            new
            {
                when = rule.When.ToString().ToLowerInvariant(),
                selector = rule.Selector,
                lobbySelector = rule.LobbySelector,
                lobbyTexts = rule.LobbyTexts.ConvertAll(Plain),
                inLobby,
                failure,
            }
        );
        return $"{Look}({config}, () => (\n{(rule.When == BeginWhen.Script ? rule.Script : "false")}\n))";
    }

    /// <summary>Reads the page's answer.</summary>
    /// <param name="answer">The value of the promise; undefined when the expression could not be run.</param>
    public static EntranceNews Read(JsonElement answer) =>
        answer.ValueKind != JsonValueKind.Object
        || !answer.TryGetProperty("entered", out var entered)
        || !answer.TryGetProperty("inLobby", out var inLobby)
            ? new EntranceNews(false, false, "It is no JavaScript expression.")
            : new EntranceNews(
                entered.ValueKind == JsonValueKind.True,
                inLobby.ValueKind == JsonValueKind.True,
                answer.TryGetProperty("failure", out var failure) && failure.ValueKind == JsonValueKind.String
                    ? Short(failure.GetString()!)
                    : null
            );

    /// <summary>A text as texts of pages are compared: without capitals, with single spaces.</summary>
    /// <param name="text">The text.</param>
    public static string Plain(string text) =>
        string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToLowerInvariant();

    private static string Short(string text) => text.Length > 200 ? text[..200] + "…" : text;
}

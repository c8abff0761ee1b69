using System.Text.Json;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Browsing;

/// <summary>What a page shows of the things that may end its session. What no rule asks for is null. Pure.</summary>
/// <param name="Selector">Whether the page shows the element of <see cref="EndRules.Selector"/>.</param>
/// <param name="Text">Whether the page shows a text of <see cref="EndRules.Text"/>.</param>
/// <param name="Others">How many elements of <see cref="EndRules.Alone"/> the page shows.</param>
internal sealed record PageEndSight(bool? Selector, bool? Text, int? Others)
{
    /// <summary>Why the browser does not take a selector of the rules; null when the browser takes all.</summary>
    public string? Failure { get; init; }

    private const string Look = """
        (config => {
          const roots = (root, found = []) => {
            found.push(root);
            for (const frame of root.querySelectorAll('iframe, frame')) {
              try {
                if (frame.contentDocument) roots(frame.contentDocument, found);
              } catch { /* Another origin's frame. */ }
            }
            return found;
          };
          const all = roots(document);
          const count = selector => all
            .flatMap(root => [...root.querySelectorAll(selector)])
            .filter(element => element.checkVisibility?.() ?? true).length;
          const says = texts => all.some(root => {
            const text = (root.body?.innerText ?? '').replace(/\s+/g, ' ').toLowerCase();
            return texts.some(one => text.includes(one));
          });
          let failure = null;
          const attempt = look => {
            try {
              return look();
            } catch (error) {
              failure = String(error?.message ?? error).slice(0, 200);
              return null;
            }
          };
          return {
            selector: config.selector === null ? null : attempt(() => count(config.selector) > 0),
            text: config.texts.length === 0 ? null : attempt(() => says(config.texts)),
            others: config.others === null ? null : attempt(() => count(config.others)),
            failure,
          };
        })
        """;

    /// <summary>The question to the page, also about its frames of the same origin; null when no rule is about what
    /// the page shows.</summary>
    /// <param name="rules">The rules.</param>
    public static string? Question(EndRules rules)
    {
        var selector = rules.Page.Contains(EndPageWord.SelectorGone) ? rules.Selector : null;
        if (selector is null && rules.Text.IsEmpty && rules.Alone is null)
        {
            return null;
        }
        var config = JsonSerializer.Serialize(
            new
            {
                selector,
                texts = rules.Text.ConvertAll(PageEntrance.Plain),
                others = rules.Alone?.Selector,
            }
        );
        return $"{Look}({config})";
    }

    /// <summary>Reads the page's answer; null when the page does not say.</summary>
    /// <param name="answer">The answer.</param>
    public static PageEndSight? Read(JsonElement answer)
    {
        return answer.ValueKind == JsonValueKind.Object
            ? new PageEndSight(
                Truth("selector"),
                Truth("text"),
                answer.TryGetProperty("others", out var others)
                && others.ValueKind == JsonValueKind.Number
                && others.TryGetInt32(out var count)
                    ? count
                    : null
            )
            {
                Failure =
                    answer.TryGetProperty("failure", out var failure) && failure.ValueKind == JsonValueKind.String
                        ? failure.GetString()
                        : null,
            }
            : null;

        bool? Truth(string name) =>
            answer.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? value.ValueKind == JsonValueKind.True
                : null;
    }
}

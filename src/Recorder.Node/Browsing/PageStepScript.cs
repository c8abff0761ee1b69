using System.Text.Json;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Browsing;

/// <summary>What a page answers to a step.</summary>
/// <param name="Done">Whether the step is done.</param>
/// <param name="Why">Why not, for people; empty when the step is done.</param>
internal sealed record StepAnswer(bool Done, string Why);

/// <summary>The scripts of the steps by which a page is entered. Each looks once, and is asked again until its step is
/// done. Pure.</summary>
internal static class PageStepScript
{
    private const string Tools = """
        (async (selector, value) => {
          const roots = (root, found = []) => {
            found.push(root);
            for (const frame of root.querySelectorAll('iframe, frame')) {
              try {
                if (frame.contentDocument) roots(frame.contentDocument, found);
              } catch { /* Another origin's frame. */ }
            }
            return found;
          };
          const shown = element => (element.checkVisibility?.({ visibilityProperty: true }) ?? true)
            && element.getClientRects().length > 0;
          const all = selector === null ? [] : roots(document).flatMap(root => [...root.querySelectorAll(selector)]);
          const element = all.find(shown);
          const wait = why => ({ done: false, why });
          const done = { done: true, why: '' };
          const missing = all.length > 0 ? 'the element is there and not shown' : 'there is no such element';
          const disabled = () => element.matches?.(':disabled, [aria-disabled="true"]');
        """;

    /// <summary>Completes with an object of <c>done</c> and <c>why</c>.</summary>
    /// <param name="step">The step; no <see cref="PageStepKind.Goto"/>.</param>
    /// <param name="value">What is filled in or selected; null for other steps.</param>
    public static string For(PageStep step, string? value)
    {
        var body = step.Kind switch
        {
            PageStepKind.WaitFor => "return element ? done : wait(missing);",
            PageStepKind.WaitGone => "return element ? wait('the element is still shown') : done;",
            PageStepKind.Click => """
                if (!element) return wait(missing);
                if (disabled()) return wait('the element is disabled');
                element.scrollIntoView({ block: 'center', inline: 'center', behavior: 'instant' });
                element.focus?.({ preventScroll: true });
                element.click();
                return done;
                """,
            PageStepKind.Fill => """
                if (!element) return wait(missing);
                if (disabled() || element.readOnly) return wait('the field is disabled');
                element.focus({ preventScroll: true });
                const view = element.ownerDocument.defaultView;
                if (element.isContentEditable) {
                  element.textContent = value;
                } else {
                  const kind = element instanceof view.HTMLTextAreaElement ? view.HTMLTextAreaElement
                    : element instanceof view.HTMLInputElement ? view.HTMLInputElement : null;
                  if (kind === null) return wait('the element is no field');
                  // Frameworks watch the property of the element itself; the property of its kind goes past them.
                  Object.getOwnPropertyDescriptor(kind.prototype, 'value').set.call(element, value);
                }
                element.dispatchEvent(new view.InputEvent('input', { bubbles: true, data: value, inputType: 'insertText' }));
                element.dispatchEvent(new view.Event('change', { bubbles: true }));
                return done;
                """,
            PageStepKind.Select => """
                if (!element) return wait(missing);
                if (disabled()) return wait('the list is disabled');
                const option = [...(element.options ?? [])].find(one => one.value === value || one.label.trim() === value);
                if (!option) return wait('the list has no such option');
                element.value = option.value;
                const view = element.ownerDocument.defaultView;
                element.dispatchEvent(new view.Event('input', { bubbles: true }));
                element.dispatchEvent(new view.Event('change', { bubbles: true }));
                return done;
                """,
            PageStepKind.Press => """
                if (selector === null) return done;
                if (!element) return wait(missing);
                element.focus({ preventScroll: true });
                return done;
                """,
            PageStepKind.Eval => $$"""
                const given = (
                {{step.Target}}
                );
                await (typeof given === 'function' ? given() : given);
                return done;
                """,
            _ => throw new ArgumentOutOfRangeException(nameof(step), step.Kind, "No script does this step."),
        };
        var selector = step.Kind == PageStepKind.Press ? step.Selector : step.Element;
        return $"{Tools}\n{body}\n}})({JsonSerializer.Serialize(selector)}, {JsonSerializer.Serialize(value)})";
    }

    /// <summary>Reads the page's answer.</summary>
    /// <param name="answer">The value of the promise; undefined when the expression could not be run.</param>
    public static StepAnswer Read(JsonElement answer) =>
        answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("done", out var done)
            ? new StepAnswer(
                done.ValueKind == JsonValueKind.True,
                answer.TryGetProperty("why", out var why) && why.ValueKind == JsonValueKind.String
                    ? why.GetString()!
                    : ""
            )
            : new StepAnswer(false, "the page gave no answer");

    /// <summary>The step for people, without its value.</summary>
    /// <param name="step">The step.</param>
    /// <param name="number">The step's number, from 1.</param>
    public static string NameOf(PageStep step, int number)
    {
        var word = JsonNamingPolicy.SnakeCaseLower.ConvertName(step.Kind.ToString());
        return step.Element is { } element ? $"step {number}, {word} {element}" : $"step {number}, {word}";
    }
}

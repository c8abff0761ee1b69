using System.Text.Json;
using PuppeteerSharp;
using Recorder.Cluster.Sessions.Model;

namespace Recorder.Node.Browsing;

/// <summary>How a page is entered by steps.</summary>
internal sealed partial class BrowserPage
{
    /// <summary>The pause before an element is looked for again.</summary>
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>Does the steps by which the page is entered, one after the other.</summary>
    /// <param name="limit">How long each navigation of a step may take.</param>
    /// <param name="told">Receives a sentence for each optional step that failed.</param>
    /// <param name="ended">Ends the steps.</param>
    /// <exception cref="JoinFailedException">A step failed that is not optional.</exception>
    /// <exception cref="PageFailedException">A page that a step goes to does not load.</exception>
    public async Task DoStepsAsync(TimeSpan limit, Action<string> told, CancellationToken ended)
    {
        if (_prepared is not { } prepared || prepared.Settings.Steps.IsEmpty)
        {
            return;
        }
        // Events of real input are ignored otherwise, because the display's pointer stands over the page.
        await Connection.AskPageAsync("Input.setIgnoreInputEvents", Answer, ("ignore", false));
        var number = 0;
        foreach (var step in prepared.Settings.Steps)
        {
            number++;
            ended.ThrowIfCancellationRequested();
            try
            {
                if (await DoAsync(step, prepared, limit, ended) is { } why)
                {
                    throw new JoinFailedException(
                        FormattableString.Invariant(
                            $"The page could not be entered: {PageStepScript.NameOf(step, number)}, was not done within {step.Timeout.TotalSeconds:0.#} s: {why}."
                        )
                    );
                }
            }
            catch (Exception error) when (error is JoinFailedException or PageFailedException && step.Optional)
            {
                told(error.Message);
            }
        }
        await Connection.AskPageAsync("Input.setIgnoreInputEvents", Answer, ("ignore", true));
    }

    /// <summary>Does one step. Returns why the step was not done, or null.</summary>
    private async Task<string?> DoAsync(
        PageStep step,
        PagePreparation prepared,
        TimeSpan limit,
        CancellationToken ended
    )
    {
        if (step.Kind == PageStepKind.Goto)
        {
            await OpenAsync(new Uri(step.Target), limit, step.Timeout);
            return null;
        }
        var script = PageStepScript.For(step, step.Value is { } value ? prepared.TextOf(value) : null);
        var until = new Deadline(step.Timeout);
        var why = "the page did not answer";
        while (!until.Passed)
        {
            try
            {
                // The page may be another host's by now, and a secret is typed into the document that was looked at.
                int? document =
                    step.Value?.Secret is null ? null : await GuardedAsync(prepared, step.Value, until.Left);
                var (answer, thrown) = await RunAsync(script, until.Left, document);
                if (thrown is not null)
                {
                    // A script of the caller's that throws once would throw again, or do twice what it did before.
                    return step.Kind == PageStepKind.Eval ? $"the script threw {thrown}" : thrown;
                }
                if (answer.Done)
                {
                    if (step.Kind == PageStepKind.Press)
                    {
                        await PressAsync(step.Target);
                    }
                    return null;
                }
                why = answer.Why;
            }
            catch (MessageException error) when (IsNavigation(error.Message))
            {
                // A click may lead to the next document before the click's own answer. So may what a script does.
                if (step.Kind is PageStepKind.Click or PageStepKind.Eval)
                {
                    return null;
                }
                why = "the page was going to another document";
            }
            catch (TimeoutException)
            {
                return step.Kind == PageStepKind.Eval ? "the script did not end" : why;
            }
            await Task.Delay(LookAgain, ended);
        }
        return why;
    }

    /// <summary>
    /// The world of the recorder in the present document, whose host may have the secret. The world ends with its
    /// document, so that a script in this world never runs in the next document. The page sees nothing of the world.
    /// </summary>
    /// <exception cref="JoinFailedException">The host may not have the secret.</exception>
    private async Task<int> GuardedAsync(PagePreparation prepared, PageText secret, TimeSpan limit)
    {
        var tree = await Connection.AskPageAsync("Page.getFrameTree", limit);
        var world = await Connection.AskPageAsync(
            "Page.createIsolatedWorld",
            limit,
            ("frameId", TextOf(tree.GetProperty("frameTree").GetProperty("frame"), "id")),
            ("worldName", "recorder.steps")
        );
        var document = world.GetProperty("executionContextId").GetInt32();
        var host = await Connection.AskPageAsync(
            "Runtime.evaluate",
            limit,
            ("expression", "location.hostname"),
            ("contextId", document),
            ("returnByValue", true)
        );
        var shown = host.TryGetProperty("result", out var result) ? TextOf(result, "value") : "";
        prepared.Guard(secret, shown.Length == 0 ? "" : new UriBuilder("https", shown).Uri.IdnHost);
        return document;
    }

    private async Task<(StepAnswer Answer, string? Thrown)> RunAsync(string script, TimeSpan limit, int? document)
    {
        (string, object)[] asked =
        [
            ("expression", PageReply.Fields(script, awaits: true, "done", "why")),
            ("returnByValue", true),
            ("awaitPromise", true),
            ("userGesture", true),
            ("silent", true),
        ];
        var answer = await Connection.AskPageAsync(
            "Runtime.evaluate",
            limit,
            document is { } context ? [.. asked, ("contextId", context)] : asked
        );
        if (answer.TryGetProperty("exceptionDetails", out var details))
        {
            return (new StepAnswer(false, ""), ThrownIn(details));
        }
        var value =
            answer.TryGetProperty("result", out var result) && result.TryGetProperty("value", out var told)
                ? told
                : default;
        return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(PageReply.Thrown, out _)
            ? (new StepAnswer(false, ""), ShortOf(TextOf(value, PageReply.Thrown)))
            : (PageStepScript.Read(value), null);
    }

    private async Task PressAsync(string key)
    {
        var text = key switch
        {
            "Enter" => "\r",
            "Space" => " ",
            { Length: 1 } => key,
            _ => "",
        };
        var named = key == "Space" ? " " : key;
        await Connection.AskPageAsync("Input.dispatchKeyEvent", Answer, Event(text.Length > 0 ? "keyDown" : "rawKeyDown"));
        await Connection.AskPageAsync("Input.dispatchKeyEvent", Answer, Event("keyUp"));

        (string, object)[] Event(string type) =>
        [
            ("type", type),
            ("key", named),
            ("code", key.Length == 1 ? "" : key),
            ("windowsVirtualKeyCode", PressedKey.CodeOf(key)),
            .. type == "keyDown" ? new (string, object)[] { ("text", text) } : [],
        ];
    }
}

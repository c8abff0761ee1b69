using System.Text.Json;
using Akka.Event;
using PuppeteerSharp;

namespace Recorder.Node.Browsing;

/// <summary>How requests of the page's own origin get what the session has set for them.</summary>
internal sealed partial class BrowserPage
{
    /// <summary>The most requests that are remembered.</summary>
    private const int MostAuthenticated = 256;

    /// <summary>The requests that were given the credentials. A server that asks again does not take them.</summary>
    private readonly HashSet<string> _authenticated = new(StringComparer.Ordinal);

    /// <summary>Answers a server that asks for a user and a password: with those of the session once, if the server is
    /// the page's own.</summary>
    private async Task AuthenticateAsync(JsonElement asked)
    {
        try
        {
            var id = TextOf(asked, "requestId");
            var own =
                asked.TryGetProperty("authChallenge", out var challenge)
                && TextOf(challenge, "source") != "Proxy"
                && TextOf(challenge, "origin") == _prepared?.Origin;
            object answer =
                own && _prepared?.Credentials is { } known && IsFirst(id)
                    ? new
                    {
                        response = "ProvideCredentials",
                        username = known.User,
                        password = known.Password,
                    }
                    : new { response = "CancelAuth" };
            await Connection.AskPageAsync(
                "Fetch.continueWithAuth",
                Answer,
                ("requestId", id),
                ("authChallengeResponse", answer)
            );
        }
        catch (Exception error) when (error is PuppeteerException or TimeoutException or InvalidOperationException)
        {
            _log.Debug("A request of the page was gone: {0}", error.Message);
        }
    }

    private bool IsFirst(string request)
    {
        lock (_lock)
        {
            if (_authenticated.Count >= MostAuthenticated)
            {
                _authenticated.Clear();
            }
            return _authenticated.Add(request);
        }
    }

    /// <summary>Lets a request go on, with the session's headers if the request is for the page's own origin. A
    /// redirect to another origin leaves the headers behind: the browser forgets them with the request.</summary>
    private async Task PassAsync(JsonElement paused)
    {
        try
        {
            var id = TextOf(paused, "requestId");
            if (_prepared is not { } prepared || !paused.TryGetProperty("request", out var request))
            {
                return;
            }
            var own =
                Uri.TryCreate(TextOf(request, "url"), UriKind.Absolute, out var address)
                && PagePreparation.OriginOf(address) == prepared.Origin;
            if (!own || prepared.Settings.Headers.IsEmpty)
            {
                await Connection.AskPageAsync("Fetch.continueRequest", Answer, ("requestId", id));
                return;
            }
            var headers = new List<object>();
            foreach (var header in request.GetProperty("headers").EnumerateObject())
            {
                if (!prepared.Settings.Headers.Exists(ours => IsSame(ours.Name, header.Name)))
                {
                    headers.Add(new { name = header.Name, value = header.Value.GetString() });
                }
            }
            headers.AddRange(
                prepared.Settings.Headers.Select(ours => new { name = ours.Name, value = prepared.TextOf(ours.Value) })
            );
            await Connection.AskPageAsync("Fetch.continueRequest", Answer, ("requestId", id), ("headers", headers));
        }
        catch (Exception error)
            when (error is PuppeteerException or TimeoutException or InvalidOperationException or KeyNotFoundException)
        {
            _log.Debug("A request of the page was gone: {0}", error.Message);
        }

        static bool IsSame(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using Recorder.Cluster.Farm;
using Recorder.Cluster.Network;
using Recorder.Cluster.Webhooks;
using Recorder.Worker.Network;

namespace Recorder.Node.Webhooks;

/// <summary>
/// Calls receivers of events in the form of Standard Webhooks. A host is resolved once for a connection, and the
/// connection is made to what was resolved, so that a name that changes meanwhile leads nowhere else. No redirect is
/// followed, and no proxy is used, since both would lead around the policy.
/// </summary>
internal sealed class WebhookCalls : IWebhookCalls, IDisposable
{
    /// <summary>How long a call may take, its answer included.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    /// <summary>How much of an answer is read. Nobody needs the answer, but a whole answer keeps the connection
    /// usable, and an answer that breaks off is no answer.</summary>
    private const int MostRead = 16 * 1024;

    private readonly NetworkPolicy _policy;
    private readonly TimeProvider _clock;
    private readonly HttpClient _client;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="policy">Which addresses may be called.</param>
    /// <param name="clock">The clock.</param>
    public WebhookCalls(NetworkPolicy policy, TimeProvider clock)
    {
        _policy = policy;
        _clock = clock;
        _client = new HttpClient(
            new SocketsHttpHandler
            {
                AllowAutoRedirect = false,
                UseProxy = false,
                UseCookies = false,
                AutomaticDecompression = DecompressionMethods.None,
                ConnectTimeout = TimeSpan.FromSeconds(10),
                MaxResponseHeadersLength = 16,
                PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
                PooledConnectionLifetime = TimeSpan.FromMinutes(2),
                ConnectCallback = new AllowedConnection(policy).ConnectAsync,
            }
        )
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
        _client.DefaultRequestHeaders.UserAgent.ParseAdd($"edumeet-recorder/{FarmNames.Version.Split('+')[0]}");
    }

    /// <inheritdoc/>
    public async Task<CallOutcome> SendAsync(WebhookCall call, CancellationToken cancellation)
    {
        var began = Stopwatch.GetTimestamp();
        try
        {
            var address = new Uri(call.Url);
            if (_policy.WhyRefused(address) is { } refused)
            {
                return Failed(refused);
            }
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Limit);
            using var request = RequestOf(call, address);
            using var response = await _client.SendAsync(
                request,
                HttpCompletionOption.ResponseHeadersRead,
                limit.Token
            );
            await ReadAsync(response, limit.Token);
            var status = (int)response.StatusCode;
            return new CallOutcome(
                status,
                status is >= 200 and < 300 ? null : $"The receiver answered {status}.",
                RetryAfterOf(response.Headers.RetryAfter),
                Stopwatch.GetElapsedTime(began)
            );
        }
        catch (OperationCanceledException)
        {
            return Failed(
                cancellation.IsCancellationRequested
                    ? "The node stopped before the receiver had answered."
                    : $"The receiver did not answer within {Limit.TotalSeconds:0} s."
            );
        }
        catch (Exception error)
            when (error is HttpRequestException or IOException or SocketException or UriFormatException)
        {
            var cause = error.GetBaseException();
            return Failed(
                cause is RefusedAddressException
                    ? cause.Message
                    : $"The receiver could not be called: {cause.Message.TrimEnd('.')}."
            );
        }

        CallOutcome Failed(string why) => new(null, why, null, Stopwatch.GetElapsedTime(began));
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    private HttpRequestMessage RequestOf(WebhookCall call, Uri address)
    {
        var at = _clock.GetUtcNow();
        var request = new HttpRequestMessage(HttpMethod.Post, address)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(call.Body))
            {
                Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
            },
        };
        request.Headers.Add("webhook-id", call.EventId);
        request.Headers.Add("webhook-timestamp", at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSecret.Sign(call.Secrets, call.EventId, at, call.Body));
        return request;
    }

    private static async Task ReadAsync(HttpResponseMessage response, CancellationToken limit)
    {
        await using var body = await response.Content.ReadAsStreamAsync(limit);
        var buffer = new byte[4096];
        for (var read = 0; read < MostRead;)
        {
            var some = await body.ReadAsync(buffer, limit);
            if (some == 0)
            {
                return;
            }
            read += some;
        }
    }

    private TimeSpan? RetryAfterOf(RetryConditionHeaderValue? header) =>
        header?.Delta ?? (header?.Date is { } date && date > _clock.GetUtcNow() ? date - _clock.GetUtcNow() : null);
}

using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Recorder.Http.Answers;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>
/// Decides whether a call may pass. With keys, every call needs a key that covers the call. Without keys, only this
/// machine may call, without a key if <see cref="HttpOptions.KeylessLoopback"/> says so, and only by one of its own names. A caller with too many calls is refused for a while. A call to
/// an endpoint without a mark needs
/// <see cref="ApiScope.Admin"/>. <c>OPTIONS</c> of a path needs no key.
/// </summary>
internal sealed class AccessMiddleware(
    RequestDelegate next,
    KeyWatch watch,
    CallLimits limits,
    IOptions<HttpOptions> options,
    TimeProvider clock,
    ILogger<AccessMiddleware> log
)
{
    public const string KeyName = "Recorder.KeyName";

    private const string Wait = "Recorder.Wait";

    private const string Scheme = "Bearer ";

    public Task InvokeAsync(HttpContext context)
    {
        var keys = watch.Current;
        var endpoint = context.GetEndpoint();
        var needed =
            // An unknown path: any holder of a key may learn that the path is unknown.
            endpoint is null ? new RequiredScope(ApiScope.Read)
            // docs/api.md lists the methods of a path anyway.
            : HttpMethods.IsOptions(context.Request.Method) ? new RequiredScope(ApiScope.Read, AlsoWithoutKey: true)
            : endpoint.Metadata.GetMetadata<RequiredScope>() ?? new RequiredScope(ApiScope.Admin);
        var address = CallLimits.CallerAt(context.Connection.RemoteIpAddress);
        var refusal =
            needed.Scope is not { } scope ? null
            : keys.Keyless ? RefusalWithoutKeys(context, keys)
            : needed.AlsoWithoutKey && context.Request.Headers.Authorization.Count == 0 ? null
            : RefusalWithKeys(context, keys, scope, address);

        // Refused calls count too, because an answer to them costs as much.
        var caller = context.Items[KeyName] as string ?? address;
        if (
            !keys.Keyless
            && refusal?.Code != ErrorCode.TooManyCalls
            && limits.WaitOf(caller, Changes(context.Request.Method)) is { } wait
        )
        {
            refusal = TooMany(context, "This recorder takes no more calls at once from one caller", wait);
        }
        return refusal is null
            ? next(context)
            : JsonAnswer.Of(refusal, context.Items[Wait] as TimeSpan?).ExecuteAsync(context);
    }

    /// <summary>Whether the caller of a call that needs no key may be told everything. The caller has sent a key, or
    /// this node has no keys.</summary>
    public static bool IsKnown(HttpContext context, KeyWatch keys) =>
        keys.Current.Keyless || context.Items.ContainsKey(KeyName);

    /// <summary>Whether the caller of an answer that goes on for long would be let in today, to the same
    /// sessions.</summary>
    /// <param name="context">The call.</param>
    public static bool StillHolds(HttpContext context)
    {
        var services = context.RequestServices;
        var keys = services.GetRequiredService<KeyWatch>().Current;
        var caller = Caller.Of(context);
        if (caller.Key is not { } key)
        {
            return keys.Keyless;
        }
        return keys.Find(key) is { } now
            && now.WhyEnded(services.GetRequiredService<TimeProvider>().GetUtcNow()) is null
            && now.Scope == key.Scope
            && Caller.Made(now, keys, services.GetRequiredService<IOptions<HttpOptions>>().Value.Shared).Only
                == caller.Only;
    }

    private static bool Changes(string method) =>
        !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method));

    private static ErrorAnswer TooMany(HttpContext context, string reason, TimeSpan wait)
    {
        context.Items[Wait] = wait;
        return new ErrorAnswer(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{reason}; call again after {Math.Ceiling(wait.TotalSeconds):0} s."
            ),
            ErrorCode.TooManyCalls
        );
    }

    private ErrorAnswer? RefusalWithKeys(HttpContext context, ApiKeyRing keys, ApiScope needed, string address)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        if (Presented(context) is not { } presented)
        {
            return Refusal(
                ErrorCode.Unauthorized,
                "This recorder needs an API key; send it as Authorization: Bearer <key>."
            );
        }
        if (keys.Find(presented) is not { } key)
        {
            if (limits.WaitOfUnknownKeys(address) is { } wait)
            {
                return TooMany(context, "Too many unknown API keys came from this address", wait);
            }
            log.LogWarning("A call from {Caller} had an API key that is not known", context.Connection.RemoteIpAddress);
            if (limits.CountUnknown(address))
            {
                log.LogWarning(
                    "Too many unknown API keys came from {Caller}: others from there are refused for a while",
                    context.Connection.RemoteIpAddress
                );
            }
            return Refusal(
                ErrorCode.Unauthorized,
                "The API key is not known to this recorder; ask its operator for one."
            );
        }

        if (key.WhyEnded(clock.GetUtcNow()) is { } ended)
        {
            return Refusal(ErrorCode.Unauthorized, ended);
        }

        context.Response.Headers.Remove(HeaderNames.WWWAuthenticate);
        context.Items[KeyName] = key.Name;
        Caller.Note(context, key, keys, options.Value.Shared);
        return key.Scope >= needed
            ? null
            : Refusal(
                ErrorCode.Forbidden,
                $"The API key of {key.Name} has the scope {Word(key.Scope)}; this call needs {Word(needed)}."
            );

        static ErrorAnswer Refusal(string code, string message) => new(message, code, HeaderNames.Authorization);
    }

    private static string? Presented(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    private ErrorAnswer? RefusalWithoutKeys(HttpContext context, ApiKeyRing keys)
    {
        // The commands on this machine send the node's own key. Other words in the header mean nothing here.
        if (Presented(context) is { } presented && keys.Find(presented) is { } own)
        {
            context.Items[KeyName] = own.Name;
            Caller.Note(context, own, keys, shared: true);
        }
        // A Unix socket has no address, and only this machine reaches such a socket.
        if (
            context.Connection.LocalIpAddress is { } local
            && !IPAddress.IsLoopback(local.IsIPv4MappedToIPv6 ? local.MapToIPv4() : local)
        )
        {
            return new ErrorAnswer("This recorder has no API keys and answers on loopback only.", ErrorCode.Forbidden);
        }
        if (ForwardedCall.ComesFromElsewhere(context))
        {
            return new ErrorAnswer(
                "This recorder has no API keys, and this call came through a proxy from another machine; give the recorder keys (Http:Keys), and the proxy's address in Http:Proxies.",
                ErrorCode.Forbidden
            );
        }
        var host = context.Request.Host.Host;
        // Every browser sends the header; probes may omit the header.
        return
            host.Length == 0
            || BindingRule.IsLoopbackHost(host.Trim('[', ']'))
            || options.Value.TrustedHosts.Contains(host, StringComparer.OrdinalIgnoreCase)
            ? null
            : new ErrorAnswer(
                $"This recorder has no API keys and does not answer to the host name {Redaction.Line(host, 64)}; "
                    + "call it as 127.0.0.1, or add the name to its Http:TrustedHosts.",
                ErrorCode.Forbidden,
                HeaderNames.Host
            );
    }

    private static string Word(ApiScope scope) =>
        scope switch
        {
            ApiScope.Read => "read",
            ApiScope.Record => "record",
            _ => "admin",
        };
}

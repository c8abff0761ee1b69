using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>
/// Checks the addresses that the server has really bound, once they are bound. An endpoint that was not configured by
/// <see cref="HttpOptions"/> must not escape the rules about keys. Until then, <see cref="AccessMiddleware"/> applies
/// the rule.
/// </summary>
internal sealed class BoundAddressCheck(IServer server, KeyWatch keys, IOptions<HttpOptions> options)
    : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var hasKeys = !keys.Current.IsEmpty;
        return
            bound
                .Select(address => BindingRule.Problem(address, hasKeys, options.Value.BehindProxy))
                .FirstOrDefault(problem => problem is not null) is { } problem
            ? throw new InvalidOperationException(problem)
            : Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Recorder.Http.Settings;

namespace Recorder.Http.Access;

/// <summary>
/// Checks the addresses that the server has really bound, once they are bound. An endpoint that was not configured by
/// <see cref="HttpOptions"/> must not escape the rule about keys. Until then, <see cref="AccessMiddleware"/> applies
/// the rule.
/// </summary>
internal sealed class BoundAddressCheck(IServer server, KeyWatch keys) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var bound = server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return keys.Current.IsEmpty && bound.FirstOrDefault(address => !BindingRule.IsLoopback(address)) is { } exposed
            ? throw new InvalidOperationException(BindingRule.KeysNeeded(exposed))
            : Task.CompletedTask;
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

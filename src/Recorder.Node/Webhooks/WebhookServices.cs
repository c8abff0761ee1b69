using Recorder.Cluster.Network;
using Recorder.Cluster.Webhooks;
using Recorder.Worker.Network;

namespace Recorder.Node.Webhooks;

/// <summary>Adds what calls the receivers of events.</summary>
internal static class WebhookServices
{
    /// <summary>Adds the policy of addresses, and the calls of webhooks.</summary>
    /// <param name="services">The node's services.</param>
    /// <param name="options">Which addresses may be called.</param>
    public static IServiceCollection AddWebhookCalls(this IServiceCollection services, NetworkOptions options) =>
        services
            .AddSingleton(_ => options.Policy())
            .AddSingleton<IHostResolver>(SystemResolver.Instance)
            .AddSingleton<IWebhookCalls>(all => new WebhookCalls(
                all.GetRequiredService<NetworkPolicy>(),
                all.GetRequiredService<TimeProvider>()
            ));
}

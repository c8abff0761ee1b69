using Recorder.Cluster.Sessions.Delivery;
using Recorder.Node.Processes;

namespace Recorder.Node.Delivery;

/// <summary>Wires what happens after a record is closed into a host.</summary>
internal static class DeliveryServices
{
    /// <summary>Registers <see cref="IRecordDelivery"/>, on the launcher and the run root that the media side has
    /// registered.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">Where records go.</param>
    public static IServiceCollection AddRecordDelivery(this IServiceCollection services, DeliveryOptions options) =>
        services.AddSingleton<IRecordDelivery>(provider =>
            RecordDelivery.Of(
                options,
                provider.GetRequiredService<ProcessLauncher>(),
                provider.GetRequiredService<RunRoot>()
            )
        );
}

using Recorder.Cluster.Sessions.Delivery;
using Recorder.Node.Processes;

namespace Recorder.Node.Delivery;

/// <summary>Adds the deliveries of closed records to a host.</summary>
internal static class DeliveryServices
{
    /// <summary>Registers <see cref="IRecordDelivery"/>. The launcher and the run root must already be registered by
    /// the media side.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">The destinations of closed records.</param>
    public static IServiceCollection AddRecordDelivery(this IServiceCollection services, DeliveryOptions options) =>
        services.AddSingleton<IRecordDelivery>(provider =>
            RecordDelivery.Of(
                options,
                provider.GetRequiredService<ProcessLauncher>(),
                provider.GetRequiredService<RunRoot>()
            )
        );
}

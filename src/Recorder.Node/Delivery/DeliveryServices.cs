using Recorder.Cluster.Network;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Node.Delivery.Transfer;
using Recorder.Node.Processes;

namespace Recorder.Node.Delivery;

/// <summary>Adds the deliveries of closed records to a host.</summary>
internal static class DeliveryServices
{
    /// <summary>Registers <see cref="IRecordDelivery"/>. The launcher and the run root must already be registered by
    /// the media side.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="options">The options of all deliveries.</param>
    /// <param name="destinations">The destinations of closed records.</param>
    /// <param name="data">The node's data folder.</param>
    /// <param name="network">What callers' addresses may reach.</param>
    public static IServiceCollection AddRecordDelivery(
        this IServiceCollection services,
        DeliveryOptions options,
        DestinationsOptions destinations,
        string data,
        NetworkOptions network
    ) =>
        services.AddSingleton<IRecordDelivery>(provider => new RecordDelivery(
            options,
            destinations,
            data,
            OwnProgram.CommandLine(TransferProcess.Command),
            provider.GetRequiredService<ProcessLauncher>(),
            provider.GetRequiredService<RunRoot>(),
            network.Rules()
        ));
}

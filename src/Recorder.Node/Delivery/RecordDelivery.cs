using System.Collections.Immutable;
using Akka.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Node.Delivery.Command;
using Recorder.Node.Processes;

namespace Recorder.Node.Delivery;

/// <summary>The deliveries of this node. A new kind of destination needs a folder beside this file and a line in
/// <see cref="Of"/>.</summary>
internal sealed class RecordDelivery : IRecordDelivery
{
    private readonly ImmutableDictionary<string, Func<RecordToDeliver, Props>> _kinds;

    private RecordDelivery(ImmutableDictionary<string, Func<RecordToDeliver, Props>> kinds, int attempts)
    {
        _kinds = kinds;
        Kinds = [.. kinds.Keys.Order(StringComparer.Ordinal)];
        Attempts = attempts;
    }

    /// <inheritdoc/>
    public ImmutableList<string> Kinds { get; }

    /// <inheritdoc/>
    public int Attempts { get; }

    /// <summary>Makes the deliveries that the options ask for.</summary>
    /// <param name="options">The options.</param>
    /// <param name="launcher">Starts processes.</param>
    /// <param name="root">The run root, in which each delivery gets a run directory.</param>
    public static RecordDelivery Of(DeliveryOptions options, ProcessLauncher launcher, RunRoot root)
    {
        var kinds = ImmutableDictionary.CreateBuilder<string, Func<RecordToDeliver, Props>>();
        if (options.Command.Length > 0)
        {
            var command = new DeliveryCommand(options.Command, [.. options.CommandArguments], options.CommandTimeout);
            kinds.Add(
                CommandDeliveryActor.Kind,
                record => CommandDeliveryActor.PropsFor(launcher, root, command, record)
            );
        }

        return new RecordDelivery(kinds.ToImmutable(), options.Attempts);
    }

    /// <inheritdoc/>
    public Props DeliveryOf(string kind, RecordToDeliver record) => _kinds[kind](record);
}

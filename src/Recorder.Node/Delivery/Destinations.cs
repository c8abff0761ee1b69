using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Settings;
using Recorder.Node.Delivery.Command;
using Recorder.Node.Delivery.Folder;
using Recorder.Node.Delivery.Put;
using Recorder.Node.Delivery.S3;
using Recorder.Node.Delivery.Sftp;
using Recorder.Node.Delivery.Transfer;
using Recorder.Node.Delivery.WebDav;
using Recorder.Worker.Network;

namespace Recorder.Node.Delivery;

/// <summary>
/// The destinations of a node's options. A new kind needs a word in <see cref="DestinationKind"/>, a folder beside this
/// file, and a line in <see cref="Make"/> and in <see cref="DestinationCheck"/>.
/// </summary>
internal static class Destinations
{
    /// <summary>The word for a record that stays on its node.</summary>
    public const string Keep = "keep";

    /// <summary>The destinations that starts may name, and those of a start that names none. Pure.</summary>
    /// <param name="options">The options of all deliveries, already checked.</param>
    /// <param name="destinations">The destinations, already checked.</param>
    /// <param name="policy">Which addresses callers may name; null: those of the public internet.</param>
    public static DestinationList Of(
        DeliveryOptions options,
        DestinationsOptions destinations,
        NetworkPolicy? policy = null
    )
    {
        var allowed = policy ?? NetworkPolicy.PublicOnly;
        var all = ImmutableList.CreateBuilder<Destination>();
        if (options.Command.Length > 0)
        {
            all.Add(
                new Destination(
                    CommandDeliveryActor.Kind,
                    CommandDeliveryActor.Kind,
                    TakesName: false,
                    Name: null,
                    What: [],
                    KeepsColons: true
                )
            );
        }
        foreach (var (name, destination) in destinations.Destinations.OrderBy(one => one.Key, StringComparer.Ordinal))
        {
            var kind = destination.Kind!.Value;
            all.Add(
                new Destination(
                    name,
                    kind.ToString().ToLowerInvariant(),
                    TakesName: true,
                    destination.Name,
                    WhatOf(destination),
                    KeepsColons: kind == DestinationKind.S3
                )
                {
                    TakesGrowing = kind == DestinationKind.S3,
                    WhileRecording = destination.WhileRecording,
                    KeepLocal = KeepLocalOf(destination),
                    WhyRefused = kind == DestinationKind.Put ? allowed.WhyRefused : null,
                    NeedsAddresses = NeedsAddresses(destination),
                }
            );
        }

        // The command came before there were destinations: every record goes through it.
        return new DestinationList(
            all.ToImmutable(),
            [
                .. options.Command.Length > 0 ? [CommandDeliveryActor.Kind] : Array.Empty<string>(),
                .. options.Default.Where(to => to != CommandDeliveryActor.Kind),
            ]
        );
    }

    /// <summary>Whether every start must give the addresses of its records.</summary>
    /// <param name="options">The destination.</param>
    public static bool NeedsAddresses(DestinationOptions options) =>
        options is { Kind: DestinationKind.Put, Secret: "", SecretFile: "" };

    /// <summary>The files of an option. Unknown words are passed over.</summary>
    /// <param name="options">The destination.</param>
    public static ImmutableList<DeliveredFile> WhatOf(DestinationOptions options) =>
        [
            .. Words(options.What)
                .Select(word =>
                    Enum.TryParse<DeliveredFile>(word, ignoreCase: true, out var file) ? file : (DeliveredFile?)null
                )
                .OfType<DeliveredFile>(),
        ];

    /// <summary>How long a record stays on its node after the delivery; null: the delivery erases nothing.</summary>
    /// <param name="options">The destination, already checked.</param>
    public static TimeSpan? KeepLocalOf(DestinationOptions options) =>
        options.KeepLocal != Keep && Duration.TryParse(options.KeepLocal, out var after) ? after : null;

    /// <summary>The words of a list that is separated by commas.</summary>
    /// <param name="list">The list.</param>
    public static string[] Words(string list) =>
        list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Makes the destination of a request. Runs in the transfer process.</summary>
    /// <param name="request">The request.</param>
    public static IDestination Make(TransferRequest request) =>
        request.Options.Kind switch
        {
            DestinationKind.Folder => new FolderDestination(
                request.Destination,
                request.Options.Path,
                request.State
            ),
            DestinationKind.S3 => new S3Destination(request),
            DestinationKind.Put => new PutDestination(request),
            DestinationKind.Sftp => new SftpDestination(request),
            DestinationKind.WebDav => new WebDavDestination(request),
            var kind => throw new InvalidOperationException($"{kind} is no kind of destination."),
        };
}

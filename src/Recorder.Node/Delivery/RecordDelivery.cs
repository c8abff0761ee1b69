using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Akka.Actor;
using Recorder.Cluster.Sessions.Delivery;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Delivery.Command;
using Recorder.Node.Delivery.Transfer;
using Recorder.Node.Processes;
using Recorder.Worker.Network;

namespace Recorder.Node.Delivery;

/// <summary>The deliveries of this node: the command of the operator, and one transfer process an attempt for every
/// other destination.</summary>
internal sealed class RecordDelivery : IRecordDelivery
{
    private readonly DeliveryOptions _options;
    private readonly DestinationsOptions _destinations;
    private readonly string _data;
    private readonly ProcessLauncher _launcher;
    private readonly RunRoot _root;
    private readonly ImmutableArray<string> _commandLine;
    private readonly NetworkRules _network;

    /// <summary>Makes the deliveries that the options ask for.</summary>
    /// <param name="options">The options of all deliveries.</param>
    /// <param name="destinations">The destinations.</param>
    /// <param name="data">The node's data folder, in which unfinished transfers keep what they need to go on.</param>
    /// <param name="commandLine">The command line of a transfer process.</param>
    /// <param name="launcher">Starts processes.</param>
    /// <param name="root">The run root, in which each attempt gets a run directory.</param>
    /// <param name="network">Where callers' addresses may lead; null: to the public internet.</param>
    public RecordDelivery(
        DeliveryOptions options,
        DestinationsOptions destinations,
        string data,
        ImmutableArray<string> commandLine,
        ProcessLauncher launcher,
        RunRoot root,
        NetworkRules? network = null
    )
    {
        _network = network ?? NetworkRules.None;
        (_options, _destinations, _data, _commandLine) = (options, destinations, data, commandLine);
        (_launcher, _root) = (launcher, root);
        Destinations = Delivery.Destinations.Of(options, destinations, NetworkPolicy.Read(_network, []));
        Patience = new DeliveryPatience(options.Patience, options.Attempts) { CompleteAfter = options.CompleteAfter };
    }

    /// <inheritdoc/>
    public DestinationList Destinations { get; }

    /// <inheritdoc/>
    public DeliveryPatience Patience { get; }

    /// <inheritdoc/>
    public int AtOnce => _options.AtOnce;

    /// <inheritdoc/>
    public int GrowingAtOnce => _options.GrowingAtOnce;

    /// <inheritdoc/>
    public bool SharesLimit => _options.Bandwidth.Bytes > 0;

    /// <inheritdoc/>
    public Props DeliveryOf(string to, RecordToDeliver record)
    {
        if (to == CommandDeliveryActor.Kind)
        {
            return CommandDeliveryActor.PropsFor(
                _launcher,
                _root,
                new DeliveryCommand(_options.Command, [.. _options.CommandArguments], _options.CommandTimeout),
                record
            );
        }
        var request = Request(to, record);
        var silence = request.Options.Timeout + TransferActor.SilenceBeyondTimeout;
        return Props.Create(() => new TransferActor(_launcher, _root, record, _commandLine, request, silence));
    }

    /// <inheritdoc/>
    public void GiveUp(string to, string path) => StateFile.GiveUp(StateOf(to, path));

    /// <summary>What the transfer process is told.</summary>
    /// <param name="to">The destination.</param>
    /// <param name="record">The record.</param>
    internal TransferRequest Request(string to, RecordToDeliver record)
    {
        var destination = _destinations.Destinations[to];
        var what = record.What.IsEmpty ? Delivery.Destinations.WhatOf(destination) : record.What;

        // A plan of an earlier version has no name.
        var name = record.Name ?? Path.GetFileName(record.Path).Replace(':', '-');
        var files = new List<FileToSend>();
        if (record.Growing)
        {
            what = [DeliveredFile.Record];
        }
        if (what.Contains(DeliveredFile.Record))
        {
            files.Add(new FileToSend(record.Path, name, record.Sha256));
            if (record is { Growing: false, Address: null })
            {
                files.AddRange(SoundBeside(record.Path, name));
            }
        }

        // A caller's address takes one file.
        if (
            what.Contains(DeliveredFile.Manifest)
            && record.Manifest is { } manifest
            && (record.Address is null || files.Count == 0)
        )
        {
            files.Add(new FileToSend(manifest, name + ".json", null));
            if (record.Chapters is { } chapters && record.Address is null)
            {
                files.Add(new FileToSend(chapters, name + chapters[record.Path.Length..], null));
            }
        }
        var share = _options.Bandwidth.Bytes / (_options.AtOnce + record.GrowingSharers);
        long[] limits = [share, destination.Bandwidth.Bytes];
        return new TransferRequest(
            to,
            destination,
            files,
            limits.Where(limit => limit > 0).DefaultIfEmpty(0).Min(),
            StateOf(to, record.Path),
            record.Address
        )
        {
            // A day beyond the patience, since a delivery may end late.
            GivenUpAfter = _options.Patience + TimeSpan.FromDays(1),
            Growing = record.Growing,
            Complete = record.Complete,
            Network = _network,
        };
    }

    // The sound goes with its record, and is final before the record is.
    private static IEnumerable<FileToSend> SoundBeside(string record, string name) =>
        RecordContainers
            .OfSound.Where(container => File.Exists(RecordContainers.SoundBeside(record, container)))
            .Select(container => new FileToSend(
                RecordContainers.SoundBeside(record, container),
                RecordContainers.SoundBeside(name, container),
                null
            ));

    private string StateOf(string to, string path) => Path.Join(_data, "deliveries", StateName(to, path));

    private static string StateName(string to, string path) =>
        $"{to}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFileName(path))))[..32]}.json";
}

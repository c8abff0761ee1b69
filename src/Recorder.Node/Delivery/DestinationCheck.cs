using System.Text.RegularExpressions;
using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Delivery.Command;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Delivery;

/// <summary>Checks the options of destinations before a node starts. Pure, but for the existence of files.</summary>
internal static partial class DestinationCheck
{
    /// <summary>The mistakes, as sentences.</summary>
    /// <param name="delivery">The options of all deliveries.</param>
    /// <param name="destinations">The destinations.</param>
    public static IEnumerable<string> Problems(DeliveryOptions delivery, DestinationsOptions destinations)
    {
        foreach (var (name, options) in destinations.Destinations)
        {
            foreach (var problem in Problems(name, options))
            {
                yield return problem;
            }
        }
        foreach (var to in delivery.Default)
        {
            if (to == CommandDeliveryActor.Kind ? delivery.Command.Length == 0 : !destinations.Destinations.ContainsKey(to))
            {
                yield return to == CommandDeliveryActor.Kind
                    ? "Delivery:Default names command, and Delivery:Command is empty; set the command, or take the name away."
                    : $"Delivery:Default names \"{to}\", and there is no such destination; add Destinations:{to}:Kind, or take the name away.";
            }
        }
    }

    private static IEnumerable<string> Problems(string name, DestinationOptions options)
    {
        var at = $"Destinations:{name}";
        if (!DestinationName().IsMatch(name) || name == CommandDeliveryActor.Kind)
        {
            yield return $"{at}: a destination's name has up to 63 lower-case letters, digits and hyphens, begins with a letter or digit, and is not {CommandDeliveryActor.Kind}.";
        }
        if (options.Kind is not { } kind)
        {
            yield return $"{at}:Kind is missing; it must be one of {string.Join(", ", Enum.GetNames<DestinationKind>())}.";
            yield break;
        }
        if (NameTemplate.Problem(options.Name) is { } wrong)
        {
            yield return $"{at}:Name is \"{options.Name}\", which {wrong}";
        }
        var words = Destinations.Words(options.What);
        if (words.Length == 0 || Destinations.WhatOf(options).Count != words.Length)
        {
            yield return $"{at}:What is \"{options.What}\"; it must be record, manifest, or both, separated by a comma.";
        }
        foreach (var problem in ProblemsOf(kind, at, options))
        {
            yield return problem;
        }
    }

    private static IEnumerable<string> ProblemsOf(DestinationKind kind, string at, DestinationOptions options)
    {
        switch (kind)
        {
            case DestinationKind.Folder when !Path.IsPathRooted(options.Path):
                yield return $"{at}:Path is \"{options.Path}\"; a destination of the kind Folder needs the absolute path of a folder.";
                break;
            default:
                break;
        }
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9-]{0,62}\z", RegexOptions.CultureInvariant)]
    private static partial Regex DestinationName();
}

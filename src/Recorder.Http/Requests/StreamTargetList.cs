using System.Collections.Immutable;
using Recorder.Cluster.Sessions.Model;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Http.Requests;

/// <summary>Collects the stream targets of a request, each once, and refuses repeated or invalid targets.</summary>
internal sealed class StreamTargetList(JsonFields fields)
{
    private readonly List<(string Name, StreamTarget Target)> _named = [];

    /// <summary>The targets, in the order of the request.</summary>
    public ImmutableList<StreamTarget> Targets => [.. _named.Select(named => named.Target)];

    /// <summary>The targets, each with the name of its field or item.</summary>
    public IReadOnlyList<(string Name, StreamTarget Target)> Named => _named;

    /// <summary>Adds the address in a field, which may be absent or empty.</summary>
    public void AddText(string name)
    {
        if (fields.Text(name, SpecLimits.MaximumStreamUriLength, required: false) is { Length: > 0 } text)
        {
            Add(name, text);
        }
    }

    /// <summary>Adds the addresses in a field, which is a list or absent.</summary>
    public void AddList(string name)
    {
        var texts = fields.Texts(name, SpecLimits.MaximumStreamUriLength, SpecLimits.MaximumStreamTargets);
        for (var index = 0; index < texts.Count; index++)
        {
            if (texts[index] is { } text)
            {
                Add(JsonFields.Item(name, index), text);
            }
        }
    }

    private void Add(string name, string text)
    {
        var target = new StreamTarget(text);
        if (StreamKinds.WhyNot(text) is { } reason)
        {
            fields.Refuse(name, $"{fields.Path(name)} {reason}");
        }
        else if (_named.Exists(named => named.Target.IsSameAs(target)))
        {
            fields.Refuse(name, $"{fields.Path(name)} is a target that is named before; name each target once.");
        }
        else if (_named.Count == SpecLimits.MaximumStreamTargets)
        {
            fields.Refuse(
                name,
                $"{fields.Path(name)} is one stream target too many; {SpecLimits.MaximumStreamTargets} is the most."
            );
        }
        else
        {
            _named.Add((name, target));
        }
    }
}

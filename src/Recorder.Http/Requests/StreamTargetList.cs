using System.Collections.Immutable;

using Recorder.Cluster.Sessions.Model;

namespace Recorder.Http.Requests;

/// <summary>Gathers the stream targets of a request, each once, and keeps the first reason to refuse them in its fields.</summary>
internal sealed class StreamTargetList(JsonFields fields)
{
    private ImmutableList<StreamTarget> _targets = [];

    public ImmutableList<StreamTarget> Targets => _targets;

    /// <summary>Adds the address in a field that may be absent or empty.</summary>
    public void AddText(string name)
    {
        if (fields.Text(name, SpecLimits.MaximumStreamUriLength, required: false) is { Length: > 0 } text)
            Add(name, text);
    }

    /// <summary>Adds the addresses in a field that is a list or absent.</summary>
    public void AddList(string name)
    {
        var texts = fields.Texts(name, SpecLimits.MaximumStreamUriLength, SpecLimits.MaximumStreamTargets);
        for (var index = 0; index < texts.Count; index++)
            Add(JsonFields.Item(name, index), texts[index]);
    }

    private void Add(string name, string text)
    {
        if (!StreamAddress.TryParse(text, out var target, out var reason))
            fields.Refuse(name, $"{fields.Path(name)} {reason}");
        else if (_targets.Exists(target.IsSameAs))
            fields.Refuse(name, $"{fields.Path(name)} is a target that is named before; name each target once.");
        else if (_targets.Count == SpecLimits.MaximumStreamTargets)
            fields.Refuse(name, $"{fields.Path(name)} is one stream target too many; {SpecLimits.MaximumStreamTargets} is the most.");
        else
            _targets = _targets.Add(target);
    }
}

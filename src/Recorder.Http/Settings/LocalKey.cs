namespace Recorder.Http.Settings;

/// <summary>The node's own key: of the scope <see cref="ApiScope.Admin"/>, for commands on the node's machine.</summary>
/// <param name="Text">The key.</param>
public sealed record LocalKey(string Text)
{
    /// <summary>The name of the key in logs.</summary>
    public const string Name = "local";

    /// <summary>The name of the key's file in the data folder.</summary>
    public const string FileName = "key";

    /// <inheritdoc/>
    public override string ToString() => Name;
}

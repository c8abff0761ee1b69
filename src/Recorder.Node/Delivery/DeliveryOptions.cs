namespace Recorder.Node.Delivery;

/// <summary>Where records go when they are closed: section <c>Delivery</c> of the configuration.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>The section of the configuration.</summary>
    public const string Section = "Delivery";

    /// <summary>The absolute path of the command that is run for each closed record; empty: none.</summary>
    public string Command { get; set; } = "";

    /// <summary>The command's first arguments; the paths of record and manifest follow.</summary>
    public string[] CommandArguments { get; set; } = [];

    /// <summary>How long the command may take. 1 s to 7 d.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How many attempts a delivery has, 1 to 100.</summary>
    public int Attempts { get; set; } = 10;
}

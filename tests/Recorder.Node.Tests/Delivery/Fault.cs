namespace Recorder.Node.Tests.Delivery;

/// <summary>What goes wrong with one request that writes.</summary>
public enum Fault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The connection ends after a part of the body.</summary>
    CutInTheBody,

    /// <summary>The request is carried out, and the connection ends before the answer.</summary>
    CutBeforeTheAnswer,

    /// <summary>Other bytes are kept than were sent, and the tag is that of these bytes.</summary>
    WrongBytes,

    /// <summary>403.</summary>
    Refused,

    /// <summary>500, without a try of the client's own changing that.</summary>
    Broken,

    /// <summary>The node is killed while the request is under way.</summary>
    NodeKilled,
}

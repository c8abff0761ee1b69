namespace Recorder.Http.Answers;

/// <summary>One delivery, with its record.</summary>
/// <param name="Record">The id of the record.</param>
/// <param name="Session">The number of the session.</param>
/// <param name="File">The name of the record's file on its node.</param>
/// <param name="Node">The node that holds the file, or last held it.</param>
/// <param name="Delivery">The delivery.</param>
public sealed record ListedDeliveryAnswer(
    string Record,
    int Session,
    string File,
    string? Node,
    DeliveryAnswer Delivery
);

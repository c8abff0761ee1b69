namespace Recorder.Node.Delivery.Transfer;

/// <summary>The secret of a destination.</summary>
internal static class SecretText
{
    /// <summary>Reads the secret anew for each attempt, so that a rotated one counts at once.</summary>
    /// <param name="destination">The destination's name, for messages.</param>
    /// <param name="options">The destination.</param>
    /// <exception cref="TransferFailure">The file of the secret cannot be read.</exception>
    public static string Read(string destination, DestinationOptions options)
    {
        if (options.SecretFile.Length == 0)
        {
            return options.Secret;
        }
        try
        {
            return File.ReadLines(options.SecretFile).FirstOrDefault()?.Trim() ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TransferFailure(
                $"Destinations:{destination}:SecretFile: {options.SecretFile} cannot be read: {error.Message}",
                mayPass: true,
                error
            );
        }
    }
}

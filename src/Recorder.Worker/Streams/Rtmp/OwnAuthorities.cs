using Recorder.Worker.GStreamer;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>
/// While it lives, the servers of streams are trusted whose certificates authorities of the operator's own have signed,
/// besides those that the system trusts. rtmp2sink has no property for that, hence the hook at the class that makes its
/// connections.
/// </summary>
internal sealed class OwnAuthorities : IDisposable
{
    private readonly TlsDatabase _authorities;
    private readonly SocketClientHook _hook;

    private OwnAuthorities(TlsDatabase authorities)
    {
        this._authorities = authorities;
        _hook = SocketClientHook.OnHandshaking(connection => connection.TrustAlso(authorities));
    }

    /// <summary>Trusts the authorities of a file. One that cannot be used is told on standard error, and changes
    /// nothing.</summary>
    /// <param name="file">The absolute path; null: none.</param>
    /// <returns>Null: there is none to be trusted.</returns>
    public static OwnAuthorities? Of(string? file)
    {
        try
        {
            return file is null ? null : new OwnAuthorities(new TlsDatabase(file));
        }
        catch (GStreamerException error)
        {
            Console.Error.WriteLine(error.Message);
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _hook.Dispose();
        _authorities.Dispose();
    }
}

using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>A GTlsClientConnection, lent for the length of a call.</summary>
internal readonly unsafe struct TlsConnection
{
    // G_TLS_DATABASE_PURPOSE_AUTHENTICATE_SERVER.
    private const string OfAServer = "1.3.6.1.5.5.7.3.1";

    private readonly nint _handle;

    internal TlsConnection(nint handle) => this._handle = handle;

    /// <summary>Accepts a certificate that the system's authorities do not vouch for, if one of these authorities
    /// does.</summary>
    public void TrustAlso(TlsDatabase authorities) =>
        _ = Native.g_signal_connect_data(
            _handle,
            "accept-certificate",
            &OnRefused,
            Native.g_object_ref(authorities.Handle),
            &OnGone,
            0
        );

    [UnmanagedCallersOnly]
    private static int OnRefused(nint connection, nint certificate, uint errors, nint database)
    {
        // Name, dates and use are checked again, because the signature may not be the only fault.
        var left = Native.g_tls_database_verify_chain(
            database,
            certificate,
            OfAServer,
            Native.g_tls_client_connection_get_server_identity(connection),
            0,
            0,
            0,
            out var error
        );
        if (error is null)
        {
            return left == 0 ? 1 : 0;
        }

        Native.g_error_free(error);
        return 0;
    }

    [UnmanagedCallersOnly]
    private static void OnGone(nint database, nint closure) => Native.g_object_unref(database);
}

/// <summary>Certificate authorities from a file (GTlsFileDatabase).</summary>
internal sealed unsafe class TlsDatabase : IDisposable
{
    /// <summary>Reads a file.</summary>
    /// <param name="file">The absolute path of a file of certificates, as PEM.</param>
    /// <exception cref="GStreamerException">The file cannot be read, or has content that is not a
    /// certificate.</exception>
    public TlsDatabase(string file)
    {
        Handle = Native.g_tls_file_database_new(file, out var error);
        if (Handle == 0)
        {
            var reason = error is null ? "no reason given" : Marshal.PtrToStringUTF8(error->Message) ?? "";
            Native.g_error_free(error);
            throw new GStreamerException($"The certificate authorities in {file} cannot be used: {reason}");
        }
    }

    /// <summary>The GTlsDatabase.</summary>
    internal nint Handle { get; }

    /// <inheritdoc/>
    public void Dispose() => Native.g_object_unref(Handle);
}

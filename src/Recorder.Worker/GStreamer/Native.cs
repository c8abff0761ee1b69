using System.Runtime.InteropServices;

namespace Recorder.Worker.GStreamer;

/// <summary>The C functions that this binding uses, under their own names.</summary>
internal static unsafe partial class Native
{
    private const string Gst = "libgstreamer-1.0.so.0";
    private const string GstApp = "libgstapp-1.0.so.0";
    private const string GstVideo = "libgstvideo-1.0.so.0";
    private const string GObject = "libgobject-2.0.so.0";
    private const string Gio = "libgio-2.0.so.0";
    private const string GLib = "libglib-2.0.so.0";

    /// <summary>GST_EVENT_SEGMENT: number 70, downstream, serialized, sticky.</summary>
    internal const int EventTypeSegment = (70 << 8) | (1 << 1) | (1 << 2) | (1 << 3);

    /// <summary>GST_FORMAT_TIME.</summary>
    internal const int FormatTime = 3;

    [LibraryImport(Gst)]
    internal static partial int gst_init_check(nint argc, nint argv, out nint error);

    [LibraryImport(Gst, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_element_factory_make(string factory, string? name);

    [LibraryImport(Gst, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_pipeline_new(string? name);

    [LibraryImport(Gst)]
    internal static partial int gst_bin_add(nint bin, nint element);

    [LibraryImport(Gst)]
    internal static partial int gst_bin_remove(nint bin, nint element);

    [LibraryImport(Gst)]
    internal static partial nint gst_element_get_bus(nint element);

    [LibraryImport(Gst)]
    internal static partial int gst_element_set_state(nint element, int state);

    [LibraryImport(Gst)]
    internal static partial int gst_element_get_state(nint element, out int state, out int pending, ulong timeout);

    [LibraryImport(Gst)]
    internal static partial int gst_element_sync_state_with_parent(nint element);

    [LibraryImport(Gst)]
    internal static partial int gst_element_link(nint source, nint destination);

    [LibraryImport(Gst, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int gst_element_link_pads(
        nint source,
        string? sourcePad,
        nint destination,
        string? destinationPad
    );

    [LibraryImport(Gst, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_element_get_static_pad(nint element, string name);

    [LibraryImport(Gst, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_element_request_pad_simple(nint element, string name);

    [LibraryImport(Gst)]
    internal static partial void gst_element_release_request_pad(nint element, nint pad);

    [LibraryImport(Gst)]
    internal static partial nint gst_object_ref_sink(nint obj);

    [LibraryImport(Gst)]
    internal static partial void gst_object_unref(nint obj);

    [LibraryImport(Gst)]
    internal static partial nint gst_object_get_name(nint obj);

    [LibraryImport(Gst)]
    internal static partial int gst_pad_link(nint source, nint sink);

    [LibraryImport(Gst)]
    internal static partial int gst_pad_unlink(nint source, nint sink);

    [LibraryImport(Gst)]
    internal static partial nuint gst_pad_add_probe(
        nint pad,
        uint mask,
        delegate* unmanaged<nint, nint, nint, int> callback,
        nint data,
        delegate* unmanaged<nint, void> destroy
    );

    [LibraryImport(Gst)]
    internal static partial void gst_pad_remove_probe(nint pad, nuint id);

    [LibraryImport(Gst)]
    internal static partial nint gst_pad_get_current_caps(nint pad);

    [LibraryImport(Gst)]
    internal static partial nint gst_pad_get_sticky_event(nint pad, int type, uint index);

    [LibraryImport(Gst)]
    internal static partial int gst_pad_send_event(nint pad, nint gstEvent);

    [LibraryImport(Gst)]
    internal static partial void gst_event_parse_segment(nint gstEvent, out nint segment);

    [LibraryImport(Gst)]
    internal static partial ulong gst_segment_to_running_time(nint segment, int format, ulong position);

    [LibraryImport(GstVideo)]
    internal static partial nint gst_video_event_new_upstream_force_key_unit(
        ulong runningTime,
        int allHeaders,
        uint count
    );

    [LibraryImport(Gst)]
    internal static partial nuint gst_buffer_list_calculate_size(nint list);

    [LibraryImport(Gst)]
    internal static partial int gst_pad_is_linked(nint pad);

    [LibraryImport(Gst)]
    internal static partial nint gst_bus_timed_pop_filtered(nint bus, ulong timeout, uint types);

    [LibraryImport(Gst)]
    internal static partial int gst_bus_post(nint bus, nint message);

    [LibraryImport(Gst)]
    internal static partial nint gst_message_new_eos(nint source);

    [LibraryImport(Gst)]
    internal static partial void gst_message_parse_error(nint message, out GError* error, out nint debug);

    [LibraryImport(Gst)]
    internal static partial nint gst_mini_object_ref(nint obj);

    [LibraryImport(Gst)]
    internal static partial void gst_mini_object_unref(nint obj);

    [LibraryImport(Gst, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_caps_from_string(string caps);

    [LibraryImport(Gst)]
    internal static partial nint gst_caps_get_type();

    [LibraryImport(Gst)]
    internal static partial int gst_caps_can_intersect(nint caps, nint other);

    [LibraryImport(Gst)]
    internal static partial nint gst_caps_get_structure(nint caps, uint index);

    [LibraryImport(Gst, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int gst_structure_get_int(nint structure, string field, out int value);

    [LibraryImport(Gst)]
    internal static partial nint gst_structure_get_type();

    [LibraryImport(Gst, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint gst_structure_get_value(nint structure, string field);

    [LibraryImport(Gst)]
    internal static partial nint gst_buffer_new_allocate(nint allocator, nuint size, nint parameters);

    [LibraryImport(Gst)]
    internal static partial nint gst_buffer_new_wrapped_full(
        uint flags,
        nint data,
        nuint maxSize,
        nuint offset,
        nuint size,
        nint userData,
        delegate* unmanaged<nint, void> notify
    );

    [LibraryImport(Gst)]
    internal static partial nint gst_buffer_copy(nint buffer);

    [LibraryImport(Gst)]
    internal static partial nuint gst_buffer_extract(nint buffer, nuint offset, void* destination, nuint size);

    [LibraryImport(Gst)]
    internal static partial nuint gst_buffer_fill(nint buffer, nuint offset, void* source, nuint size);

    [LibraryImport(Gst)]
    internal static partial nuint gst_buffer_memset(nint buffer, nuint offset, byte value, nuint size);

    [LibraryImport(Gst)]
    internal static partial nuint gst_buffer_get_size(nint buffer);

    [LibraryImport(GstApp)]
    internal static partial int gst_app_src_push_buffer(nint appSrc, nint buffer);

    [LibraryImport(GstApp)]
    internal static partial int gst_app_src_end_of_stream(nint appSrc);

    [LibraryImport(GstApp)]
    internal static partial void gst_app_src_set_caps(nint appSrc, nint caps);

    [LibraryImport(GstApp)]
    internal static partial ulong gst_app_src_get_current_level_buffers(nint appSrc);

    [LibraryImport(GstApp)]
    internal static partial ulong gst_app_src_get_current_level_bytes(nint appSrc);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void g_object_set_property(nint obj, string name, GValue* value);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void g_object_get_property(nint obj, string name, GValue* value);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint g_object_class_find_property(nint objectClass, string name);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nuint g_signal_connect_data(
        nint obj,
        string signal,
        void* handler,
        nint data,
        delegate* unmanaged<nint, nint, void> destroy,
        int flags
    );

    // Variadic in C. Without floating-point arguments the call is the same on x86-64 and arm64 Linux.
    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void g_signal_emit_by_name(nint obj, string signal, uint argument, out nint result);

    [LibraryImport(GObject)]
    internal static partial void g_signal_handler_disconnect(nint obj, nuint id);

    [LibraryImport(Gst)]
    internal static partial nint gst_object_ref(nint obj);

    [LibraryImport(GObject)]
    internal static partial GValue* g_value_init(GValue* value, nint type);

    [LibraryImport(GObject)]
    internal static partial void g_value_unset(GValue* value);

    [LibraryImport(GObject)]
    internal static partial void g_value_set_boolean(GValue* value, int content);

    [LibraryImport(GObject)]
    internal static partial void g_value_set_int64(GValue* value, long content);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void g_value_set_string(GValue* value, string content);

    [LibraryImport(GObject)]
    internal static partial void g_value_set_boxed(GValue* value, nint content);

    [LibraryImport(GObject)]
    internal static partial nint g_value_get_boxed(nint value);

    [LibraryImport(Gst, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void gst_util_set_object_arg(nint obj, string name, string value);

    [LibraryImport(GObject)]
    internal static partial nint g_type_class_ref(nint type);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial uint g_signal_lookup(string name, nint type);

    [LibraryImport(GObject)]
    internal static partial nuint g_signal_add_emission_hook(
        uint signal,
        uint detail,
        delegate* unmanaged<nint, uint, GValue*, nint, int> hook,
        nint data,
        delegate* unmanaged<nint, void> destroy
    );

    [LibraryImport(GObject)]
    internal static partial void g_signal_remove_emission_hook(uint signal, nuint id);

    [LibraryImport(Gio)]
    internal static partial nint g_socket_client_get_type();

    [LibraryImport(Gio)]
    internal static partial nint g_socket_connection_get_socket(nint connection);

    [LibraryImport(Gio)]
    internal static partial nint g_socket_connection_get_remote_address(nint connection, nint error);

    [LibraryImport(Gio)]
    internal static partial int g_socket_close(nint socket, nint error);

    [LibraryImport(Gio)]
    internal static partial nint g_inet_socket_address_get_address(nint address);

    [LibraryImport(Gio)]
    internal static partial ushort g_inet_socket_address_get_port(nint address);

    [LibraryImport(Gio)]
    internal static partial nint g_inet_address_to_string(nint address);

    [LibraryImport(GObject)]
    internal static partial int g_type_check_instance_is_a(nint instance, nint type);

    [LibraryImport(Gio)]
    internal static partial nint g_network_address_get_type();

    [LibraryImport(Gio)]
    internal static partial nint g_network_address_get_hostname(nint address);

    [LibraryImport(Gio, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nint g_tls_file_database_new(string anchors, out GError* error);

    [LibraryImport(Gio)]
    internal static partial nint g_tls_client_connection_get_server_identity(nint connection);

    [LibraryImport(Gio, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial uint g_tls_database_verify_chain(
        nint database,
        nint chain,
        string purpose,
        nint identity,
        nint interaction,
        int flags,
        nint cancellable,
        out GError* error
    );

    [LibraryImport(GObject)]
    internal static partial nint g_object_ref(nint obj);

    [LibraryImport(GObject)]
    internal static partial void g_object_unref(nint obj);

    [LibraryImport(GObject, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial nuint g_signal_connect_data(
        nint obj,
        string signal,
        delegate* unmanaged<nint, nint, uint, nint, int> handler,
        nint data,
        delegate* unmanaged<nint, nint, void> destroy,
        int flags
    );

    [LibraryImport(Gio)]
    internal static partial int g_socket_set_option(nint socket, int level, int name, int value, nint error);

    [LibraryImport(GLib)]
    internal static partial void g_free(nint memory);

    [LibraryImport(GLib)]
    internal static partial void g_error_free(GError* error);

    [LibraryImport(GLib)]
    internal static partial nint g_quark_to_string(uint quark);

    /// <summary>Takes ownership of a string that GLib allocated.</summary>
    internal static string TakeString(nint text)
    {
        var content = Marshal.PtrToStringUTF8(text) ?? "";
        g_free(text);
        return content;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct GValue
    {
        internal nint Type;
        internal ulong Data0;
        internal ulong Data1;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct GError
    {
        internal uint Domain;
        internal int Code;
        internal nint Message;
    }

    /// <summary>The head of GstBuffer in the 1.x ABI: a GstMiniObject (64 bytes), the pool, then the times.</summary>
    [StructLayout(LayoutKind.Explicit)]
    internal struct GstBufferHead
    {
        [FieldOffset(16)]
        internal uint Flags;

        [FieldOffset(72)]
        internal ulong Pts;

        [FieldOffset(80)]
        internal ulong Dts;

        [FieldOffset(88)]
        internal ulong Duration;
    }

    /// <summary>The head of GstPadProbeInfo in the 1.x ABI.</summary>
    [StructLayout(LayoutKind.Explicit)]
    internal struct GstPadProbeInfoHead
    {
        [FieldOffset(0)]
        internal uint Type;

        [FieldOffset(16)]
        internal nint Data;
    }

    /// <summary>The head of GstMessage in the 1.x ABI: a GstMiniObject (64 bytes), then the type.</summary>
    [StructLayout(LayoutKind.Explicit)]
    internal struct GstMessageHead
    {
        [FieldOffset(64)]
        internal uint Type;

        [FieldOffset(80)]
        internal nint Source;
    }
}

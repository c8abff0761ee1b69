namespace Recorder.Node.Tests.Media;

/// <summary>A worker without a pipeline: it speaks the protocol, and dies or fails when the name of its record says
/// so.</summary>
internal static class FakeWorker
{
    private const string Script = """
        #!/bin/sh
        # JSON lines in, JSON lines out; the record's path is all it reads of them.
        finish() {
            echo "{\"event\":\"finished\",\"path\":\"$path\",\"duration\":1.5,\"bytes\":3,\"frames\":22,\"reason\":\"finish\"}"
            exit 0
        }
        trap finish TERM
        while read -r line; do
            case "$line" in
            *'"command":"prepare"'*)
                path=$(printf '%s' "$line" | sed 's/.*"path":"\([^"]*\)".*/\1/')
                echo '{"event":"ready"}' ;;
            *'"command":"begin"'*)
                case "$path" in
                *refuses*) echo '{"event":"failed","code":"encoder_failed","message":"The encoder is missing."}'; exit 1 ;;
                esac
                printf abc > "$path"
                echo "{\"event\":\"firstFrame\",\"at\":\"2026-01-02T03:04:05Z\",\"path\":\"$path\"}"
                echo '{"event":"progress","captured":1,"painted":1,"repeated":0,"dropped":2,"encodedBytes":3,"fileBytes":3,"duration":0.04,"silenceInserted":0}'
                case "$path" in
                *full*) echo "{\"event\":\"finished\",\"path\":\"$path\",\"duration\":1.5,\"bytes\":3,\"frames\":22,\"reason\":\"disk_full\"}"
                    echo '{"event":"failed","code":"disk_full","message":"The disk is full."}'; exit 1 ;;
                esac ;;
            *'"command":"repair"'*)
                path=$(printf '%s' "$line" | sed 's/.*"path":"\([^"]*\)".*/\1/')
                echo repair >> "$path.repairs"
                case "$path" in
                *always-dies* | *dies-repairing*) kill -9 $$ ;;
                *dies-once*) [ "$(wc -l < "$path.repairs")" -gt 1 ] || kill -9 $$ ;;
                esac
                if [ -s "$path" ]; then
                    echo "{\"event\":\"finished\",\"path\":\"$path\",\"duration\":1,\"bytes\":3,\"frames\":0,\"reason\":\"repaired\"}"
                else
                    echo "{\"event\":\"unrecoverable\",\"path\":\"$path\",\"message\":\"The file is empty.\"}"
                fi ;;
            *'"command":"keep"'*)
                path=$(printf '%s' "$line" | sed 's/.*"path":"\([^"]*\)".*/\1/')
                case "$path" in
                *always-dies*) kill -9 $$ ;;
                esac
                echo "{\"event\":\"finished\",\"path\":\"$path\",\"duration\":2,\"bytes\":3,\"frames\":0,\"reason\":\"repaired\"}" ;;
            *'"command":"finish"'*) finish ;;
            esac
        done
        """;

    /// <summary>Writes the script and gives back its path.</summary>
    public static string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, "worker.sh");
        File.WriteAllText(path, Script);
        return path;
    }
}

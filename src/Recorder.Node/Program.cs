using Recorder.Node.Commands;

// Before everything else: a session's start waits for its worker, which needs none of the options.
return args is ["pipeline"] ? await PipelineCommand.RunAsync() : await RecorderCommandLine.RunAsync(args);

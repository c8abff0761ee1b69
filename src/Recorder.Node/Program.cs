using Recorder.Node.Commands;

// The worker is started for every recording and has no options: it does not pay for the command line's.
return args is ["pipeline"] ? await PipelineCommand.RunAsync() : await RecorderCommandLine.RunAsync(args);

using Recorder.Node.Commands;

return await RecorderCommandLine.RunAsync(args);

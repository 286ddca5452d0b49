using Ssna.MLNet.Tool;
using Tools;

return await TerminationSignals.InvokeAsync(ToolCommand.Create(), args);

using System.Runtime.InteropServices;
using LiveShop;
using LiveShop.Training;

ShopSettings settings = ShopSettings.Read(args);
try
{
    using var stop = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    FirstModel.EnsureTrained(settings, Console.Out, stop.Token);

    void Stop(PosixSignalContext signal)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
catch (OperationCanceledException)
{
    Console.WriteLine("Cancelled; nothing was saved.");
    return 130; // the shell's code for Ctrl+C
}
await using WebApplication shop = ShopApplication.Create(args, settings);
await shop.RunAsync();
return 0;

using System.Diagnostics;
using TorchSharp.Lite.Tests.NN;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

// Resident memory is the process's: these tests run alone.
[Collection(GlobalGenerator.Name)]
public sealed class MemoryTests : TensorTest
{
    private const int Operations = 100_000;

    [Fact]
    public void A_hundred_thousand_operations_leave_no_tensor_alive_and_memory_flat()
    {
        var x = rand(4096);
        Work(x, Operations / 10);
        var (alive, resident) = (Alive, Resident);
        Work(x, Operations);
        Alive.Should().Be(alive);
        (Resident - resident).Should().BeLessThan(32 << 20);
    }

    [Fact]
    public void Forgotten_tensors_are_collected()
    {
        const long mebibyte = 1 << 20;
        var before = Resident;
        var thread = new Thread(() =>
        {
            for (var i = 0; i < 3000; i++) zeros(mebibyte / 4).fill_(1);
        });
        thread.Start();
        thread.Join();
        (Resident - before).Should().BeLessThan(1600 * mebibyte);
    }

    private static long Resident
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return process.WorkingSet64;
        }
    }

    private static void Work(Tensor x, int operations)
    {
        for (var i = 0; i < operations / 10; i++)
        {
            using var scope = NewDisposeScope();
            var y = x * 2 + 1;
            y.sub_(x).clamp_(0, 1);
            var (values, _) = y.view(64, 64).max(1);
            _ = values.sum() + y.mean();
            y[..16].copy_(y[16..32]);
        }
    }
}

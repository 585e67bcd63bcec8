using System.Runtime.CompilerServices;
using TorchSharp;

namespace Defenses.Tests;

/// <summary>Torch works with one thread in each test: the tests themselves run side by side, on as many threads as there are processors.</summary>
internal static class OneThread
{
    [ModuleInitializer]
    internal static void Set() => torch.set_num_threads(1);
}

using Defenses.Attacks;

namespace Defenses.Tests.Attacks;

internal static class Norms
{
    internal static Norm ByName(string name) => name switch { "L0" => Norm.L0, "L1" => Norm.L1, "L2" => Norm.L2, _ => Norm.Linf };
}

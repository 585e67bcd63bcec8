// A small house with right and wrong arrows, for the test of the arrows' checker.
namespace Defenses.Tests.Conventions.Samples.Layers
{
    internal sealed class Obedient
    {
        public Randomness.Source Source { get; } = new();
    }

    internal sealed class ByField
    {
        public Attacks.Hit? Hit { get; set; }
    }

    internal sealed class ByBase : Attacks.Hit;

    internal sealed class ByGenericArgument
    {
        public static int Count() => new List<Attacks.Hit>().Count;
    }

    internal sealed class ByCall
    {
        public static int Strength(bool hard) => hard ? Attacks.Weapon.Strength() : 0;
    }

    internal sealed class ByLambda
    {
        public static Func<int> Strength(int more) => () => Attacks.Weapon.Strength() + more;
    }

    internal sealed class ByTypeOf
    {
        public static string Name(int which) => which switch { 0 => "none", 1 => "one", 2 => "two", 3 => "three", _ => typeof(Attacks.Hit).Name };
    }
}

namespace Defenses.Tests.Conventions.Samples.Randomness
{
    internal sealed class Source;
}

namespace Defenses.Tests.Conventions.Samples.Attacks
{
    internal class Hit;

    internal static class Weapon
    {
        public static int Strength() => 1;
    }
}

namespace Defenses.Tests.Conventions.Samples.Attic
{
    internal sealed class Forgotten;
}

using Defenses.Attacks;
using Defenses.Papers;

namespace Defenses.Cli;

/// <summary>An attack by name, within a budget in L∞.</summary>
/// <param name="Name">For --attack.</param>
/// <param name="Description">What it is.</param>
/// <param name="Make">Makes it, from ε and the number of steps.</param>
internal sealed record NamedAttack(string Name, string Description, Func<double, int, Attack> Make)
{
    /// <summary>Candidates of an attack without gradients for each step of one with gradients.</summary>
    internal const int CandidatesPerStep = 25;

    /// <summary>Every attack that can be chosen.</summary>
    internal static IReadOnlyList<NamedAttack> All { get; } =
    [
        new("fgsm", "one step along the sign of the gradient", (epsilon, _) => new Fgsm(epsilon)),
        new("bim", "small steps from the image itself", (epsilon, steps) => new Bim(epsilon) { Steps = steps }),
        new("pgd", "small steps from a random point of the ball, cross-entropy", (epsilon, steps) => new Pgd(epsilon) { Steps = steps, Restarts = 1 }),
        new("cw-pgd", "the same on the margin of the logits", (epsilon, steps) => new CwPgd(epsilon) { Steps = steps, Restarts = 1 }),
        new("apgd", "Auto-PGD: steps that adapt themselves", (epsilon, steps) => new Apgd(epsilon) { Steps = steps }),
        new("square", "no gradients: random squares, 25 looks for each of the steps", (epsilon, steps) =>
            new Square(epsilon) { Candidates = CandidatesPerStep * steps }),
        new("noise", "random noise, to compare with", (epsilon, _) => new Noise(epsilon)),
    ];

    /// <summary>Whether a black box can be attacked by it.</summary>
    internal bool NeedsGradient => (Make(0.1, 1).Knowledge & (Knowledge.Gradient | Knowledge.SingleStep)) != 0;

    /// <summary>Whether the number of steps changes it.</summary>
    internal bool HasSteps => Make(0.1, 1) != Make(0.1, 2);

    /// <summary>Demands an attack that a model can answer.</summary>
    /// <exception cref="UserError">The model is a black box, and the attack needs gradients.</exception>
    internal void RequireFor(LoadedModel model)
    {
        if (!model.HasNetwork && NeedsGradient)
            throw new UserError($"--attack {Name} needs gradients, and {model.Name} gives none. Attacks without: "
                + $"{string.Join(", ", All.Where(attack => !attack.NeedsGradient).Select(attack => attack.Name))}.");
    }

    /// <summary>The attack with its chance from a seed.</summary>
    internal Attack Seeded(double epsilon, int steps, ulong seed) => Make(epsilon, steps) with { Seed = seed };

    /// <exception cref="UserError">There is no such attack.</exception>
    internal static NamedAttack Find(string name) =>
        All.FirstOrDefault(attack => attack.Name == name)
            ?? throw new UserError($"--attack '{name}' is not known. Known: {string.Join(", ", All.Select(attack => attack.Name))}.");

    /// <summary>"8/255" or "0.03" as a number.</summary>
    /// <exception cref="UserError">It is something else, or not above 0.</exception>
    internal static double Epsilon(string text)
    {
        var parts = text.Split('/').Select(part => double.TryParse(part, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value
            : double.NaN).ToArray();
        var epsilon = parts.Length switch { 1 => parts[0], 2 => parts[0] / parts[1], _ => double.NaN };
        return epsilon is > 0 and <= 1 ? epsilon
            : throw new UserError($"--epsilon must be a number above 0 and at most 1 (the range of a pixel), such as 8/255 or 0.03; it is '{text}'.");
    }
}

using Defenses.Attacks;
using Defenses.Models;
using static TorchSharp.torch;

namespace Defenses.Papers;

/// <summary>A way to make examples on the attacker's networks.</summary>
/// <param name="Name">Its name in the table.</param>
/// <param name="Kind">The kind of the attacker's networks: standard, or with random spiking.</param>
/// <param name="Several">Whether it attacks all of them, or the first.</param>
/// <param name="Attack">The attack.</param>
internal sealed record TransferMethod(string Name, string Kind, bool Several, Attack Attack)
{
    internal const string Today = "PGD";

    /// <summary>Every method. PGD on one standard network is the first: the others are compared with it.</summary>
    /// <param name="sizes">Of the run.</param>
    /// <param name="pool">Images to mix with.</param>
    /// <param name="isDigits">Whether images are digits, whose blocks must not change places.</param>
    internal static TransferMethod[] All(TransferSizes sizes, Tensor pool, bool isDigits)
    {
        var pgd = new Pgd(sizes.Epsilon) { Steps = sizes.Pgd.Steps, Restarts = sizes.Pgd.Restarts };
        var flat = new TransferPgd(sizes.Epsilon) { Steps = sizes.Steps };
        var plain = flat with { Neighbors = null };
        var rotated = new BlockShuffle { Blocks = isDigits ? 1 : 2, Angle = isDigits ? 15 : 24, Copies = 4 };
        var shuffle = isDigits ? "rotation, 4 copies" : "BSR, 4 copies";
        TransferMethod One(string name, Attack attack) => new(name, TransferModels.Standard, false, attack);
        TransferMethod Each(string name, string kind, Attack attack) => new(name, kind, true, attack);
        return
        [
            One(Today, pgd), One("momentum (MI)", plain), One("Nesterov (NI)", plain with { Nesterov = true }),
            One("variance tuning (VMI)", plain with { Neighbors = new VarianceTuning { Count = sizes.Neighbors.Variance } }),
            One("gradient norm (PGN)", plain with { Neighbors = new GradientNormPenalty { Count = sizes.Neighbors.Penalty } }),
            One("flatness (MEF), the default", flat),
            One("DI, 4 copies", plain with { Transforms = [new DiverseInput { Copies = 4 }] }),
            One("TI", plain with { Transforms = [new TranslationInvariance()] }),
            One("SI, 3 copies", plain with { Transforms = [new ScaleInvariance { Copies = 3, Base = 1.5 }] }),
            One("Admix, 3 copies", plain with { Transforms = [new Admix(new ImagePool(pool)) { Copies = 3 }] }),
            One(shuffle, plain with { Transforms = [rotated] }),
            One("MEF and DI", flat with { Transforms = [new DiverseInput()] }),
            Each("PGD, several networks", TransferModels.Standard, pgd with { Steps = sizes.Steps, Restarts = 1 }),
            Each("MEF, several networks", TransferModels.Standard, flat),
            Each("PGD, several with spiking", TransferModels.Spiking, pgd with { Steps = sizes.Steps, Restarts = 1 }),
            Each("MEF, several with spiking", TransferModels.Spiking, flat),
        ];
    }
}

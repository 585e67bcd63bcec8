namespace Defenses.Attacks;

/// <summary>The attacks of the papers with the settings of the papers, and their known defects. To reproduce numbers, not to evaluate models.</summary>
/// <remarks>
/// None of these is a default: the defaults of the attacks are the strong settings. Pixels lie in [0, 1]. Most of the papers attack single draws;
/// use the view that the remarks name.
/// </remarks>
public static class Presets
{
    // Standard deviations of the normalisation in the JumpReLU paper's code: the size in pixels of one unit there.
    private const double MnistUnit = 0.3081, CifarUnit = 0.2010;

    /// <summary>FGSM of Wang et al. 2019 (hierarchical random switching), towards a target.</summary>
    /// <remarks>
    /// Targeted: each image towards each of its nine wrong classes, whether it was classified correctly or not. Known defects: the code does not clip to
    /// [0, 1], which we do (for the unclipped step give the classifier bounds of [−ε, 1 + ε]); one step; success is a single pass.
    /// </remarks>
    /// <param name="epsilon">ε; the paper has 1, 2, 4, 6 and 8/255 on CIFAR-10 and up to 64/255 on MNIST.</param>
    public static Fgsm HrsPaperFgsm(double epsilon) => new(epsilon);

    /// <summary>PGD of Wang et al. 2019 as published: 100 steps of Adam at 0.1 on the signs of the gradient, from a
    /// corner of the ball. Towards a target.</summary>
    /// <remarks>
    /// With EOT: <c>Eot(model, 10)</c>, the raw gradients averaged before the sign. Known defects: the rate of 0.1 was made for pixels in [0, 255];
    /// here a step is 25.5/255, three times the largest ε. So iterates jump between the faces of the ball, and the reported
    /// robustness is partly failed optimisation. The start is the same corner x − min(x, ε) for all, not random. The published default ε is 8
    /// instead of 8/255, which is no bound at all.
    /// </remarks>
    /// <param name="epsilon">ε.</param>
    public static AdamPgd HrsPaperPgd(double epsilon) => new(epsilon) { Steps = 100, LearningRate = 0.1, Signs = true, CornerStart = true };

    /// <summary>CW-PGD of Wang et al. 2019 as published: as <see cref="HrsPaperPgd"/> on the margin; Adam gets the gradient itself.</summary>
    /// <remarks>Known defects: those of <see cref="HrsPaperPgd"/>.</remarks>
    /// <param name="epsilon">ε.</param>
    public static AdamPgd HrsPaperCwPgd(double epsilon) => HrsPaperPgd(epsilon) with { Loss = Loss.Margin, Signs = false };

    /// <summary>C&amp;W in L2 of Wang et al. 2019: 100 steps at 0.1, ten constants. Towards a target; strength by confidence.</summary>
    /// <remarks>Known defects: not in the published code; 100 steps do not converge; one draw a step.</remarks>
    /// <param name="confidence">κ, 0 or above.</param>
    public static CarliniWagner HrsPaperCarliniWagner(double confidence = 0) =>
        new() { Confidence = confidence, Steps = 100, LearningRate = 0.1, SearchSteps = 10 };

    /// <summary>The repaired <see cref="HrsPaperPgd"/> at the same cost: steps of ε/10 from a random point.</summary>
    /// <remarks>With EOT or, better, through <see cref="Models.AllPaths"/>, which needs no sampling.</remarks>
    /// <param name="epsilon">ε.</param>
    public static Pgd HrsRepairedPgd(double epsilon) => new(epsilon) { Steps = 100, StepSize = epsilon / 10, Restarts = 1, RandomStart = true };

    /// <summary>The repaired <see cref="HrsPaperCwPgd"/> at the same cost: steps of ε/10 from a random point.</summary>
    /// <param name="epsilon">ε.</param>
    public static CwPgd HrsRepairedCwPgd(double epsilon) => new(epsilon) { Steps = 100, StepSize = epsilon / 10, Restarts = 1, RandomStart = true };

    /// <summary>FGSM of Feinman et al. 2017, which the MVM paper repeats. Untargeted; ε 0.3 on MNIST, 0.05 on CIFAR-10, 0.13 on SVHN.</summary>
    /// <remarks>Known defects: uses neither the detector nor the defense: attack <c>WithoutRandomness</c>, then judge the random model. Use
    /// <see cref="EvadeDetectors"/> goals against detectors.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The paper does not have this data set.</exception>
    public static Fgsm FeinmanFgsm(PaperData data) => new(Feinman(data).Epsilon);

    /// <summary>BIM-A (default) or BIM-B of Feinman et al. 2017: 50 steps of 0.01 (CIFAR-10: 0.005) within the ε of <see cref="FeinmanFgsm"/>.</summary>
    /// <remarks>Known defects: as <see cref="FeinmanFgsm"/>. BIM-A stops at the boundary, where any detector of uncertainty finds it.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The paper does not have this data set.</exception>
    public static Bim FeinmanBim(PaperData data, BimVariant variant = BimVariant.First) =>
        new(Feinman(data).Epsilon) { StepSize = Feinman(data).Step, Steps = 50, Variant = variant };

    /// <summary>JSMA of Feinman et al. 2017: θ = 1, γ = 0.1, elements are only raised. Towards a random target.</summary>
    /// <remarks>Known defects: as <see cref="FeinmanFgsm"/>.</remarks>
    public static Jsma FeinmanJsma() => new() { Theta = 1, Gamma = 0.1, BothWays = false };

    /// <summary>C&amp;W in L2 of Ge et al. 2020 (Random Spiking): nine constants from 0.001, 1000 steps at 0.01. Towards a random target.</summary>
    /// <remarks>
    /// The paper's translucent-box attack is this on <see cref="Models.Surrogates"/> of eight models, all of which must be
    /// fooled. The paper adds their hinges and this library averages them; an eightfold constant makes both equal. Known defects: one draw a step where the
    /// model is random (its code's default for samples is 1), so its white-box numbers at κ = 0 say little; use <c>Eot(model, 20)</c> or more.
    /// </remarks>
    /// <param name="confidence">κ, one of <see cref="RandomSpikingConfidences"/>.</param>
    public static CarliniWagner RandomSpikingCarliniWagner(double confidence = 0) =>
        new() { Confidence = confidence, SearchSteps = 9, Steps = 1000, InitialConstant = 1e-3, LearningRate = 0.01, AbortEarly = true, Unanimous = true };

    /// <summary>The confidences of Ge et al. 2020: for the examples in the training, or for the attack on eight models at once.</summary>
    /// <param name="data">MNIST, Fashion-MNIST or CIFAR-10.</param>
    /// <param name="joint">Whether for the attack on eight models: {0, 10, 20, 30} on Fashion-MNIST, {0, 20, 40, 60} on CIFAR-10; MNIST has no list.</param>
    /// <exception cref="ArgumentOutOfRangeException">The paper does not give a list for this data set.</exception>
    public static IReadOnlyList<double> RandomSpikingConfidences(PaperData data, bool joint = false) => (data, joint) switch
    {
        (PaperData.Mnist, false) => [0, 5, 10, 15],
        (PaperData.FashionMnist, false) or (PaperData.Cifar10, true) => [0, 20, 40, 60],
        (PaperData.Cifar10, false) => [0, 20, 40, 60, 80, 100],
        (PaperData.FashionMnist, true) => [0, 10, 20, 30],
        _ => throw Unknown(data),
    };

    /// <summary>The attack that Erichson, Yao and Mahoney 2019 (JumpReLU) call PGD: FGSM repeated until the label is lost, 40
    /// times on MNIST, 7 times on CIFAR-10.</summary>
    /// <remarks>
    /// A step is 0.01 of their normalised units: 0.0031 of the pixel range on MNIST, 0.0020 on CIFAR-10. Known defects: the paper's ε = 0.01 is
    /// this step; there is no ball, and 40 steps reach 31/255, 7 steps 3.6/255, so the numbers are not comparable with those at an ε; the jump
    /// masks the gradient (use <see cref="Models.StraightThrough"/>). Differs: clips to the bounds; the code clips to the extremes of the batch.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The paper does not have this data set.</exception>
    public static Bim JumpReLUPaperPgd(PaperData data)
    {
        var (steps, unit) = JumpReLU(data);
        // A ball with the size of all steps together never binds.
        return new Bim(steps * 0.01 * unit) { StepSize = 0.01 * unit, Steps = steps, Variant = BimVariant.First };
    }

    /// <summary>DeepFool of Erichson, Yao and Mahoney 2019: at most 40 steps on MNIST, 7 on CIFAR-10, overshoot 0.02.</summary>
    /// <remarks>Known defects: the code overshoots at every step; here, as in the original, the total overshoots; the jump masks the gradient.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The paper does not have this data set.</exception>
    public static DeepFool JumpReLUPaperDeepFool(PaperData data) => new() { Steps = JumpReLU(data).Steps, Overshoot = 0.02 };

    /// <summary>The trust region attack of Erichson, Yao and Mahoney 2019: L2, radius 0.01 of their normalised units, 1000 steps, one target.</summary>
    /// <remarks>Known defects: the script's default is 40 steps; the jump masks the gradient.</remarks>
    /// <exception cref="ArgumentOutOfRangeException">The paper does not have this data set.</exception>
    public static TrustRegion JumpReLUPaperTrustRegion(PaperData data) => new() { Steps = 1000, Radius = 0.01 * JumpReLU(data).Unit, Adaptive = false };

    /// <summary>MI-FGSM of Dong et al. 2018: ten steps of ε/10 along the momentum, without other parts. For <see cref="Transfer"/>.</summary>
    /// <param name="epsilon">ε; 16/255 in the paper.</param>
    public static TransferPgd MomentumPaperFgsm(double epsilon) => new(epsilon) { Steps = 10, Neighbors = null };

    /// <summary>VMI-FGSM of Wang and He 2021: ten steps of ε/10, twenty neighbors within 1.5·ε. For <see cref="Transfer"/>.</summary>
    /// <param name="epsilon">ε; 16/255 in the paper.</param>
    public static TransferPgd VariancePaperFgsm(double epsilon) => new(epsilon) { Steps = 10, Neighbors = new VarianceTuning() };

    /// <summary>Transfer as plans had it before <see cref="TransferPgd"/>: CW-PGD on the source, with its default steps and restarts.</summary>
    /// <param name="source">The view of the attacker's model.</param>
    /// <param name="epsilon">The budget, in the units of the bounds.</param>
    /// <param name="norm">The norm of the budget; by default L∞.</param>
    public static Transfer PlainTransfer(Models.ModelView source, double epsilon, Norm? norm = null) =>
        new(source, new CwPgd(epsilon) { Norm = norm ?? Norm.Linf });

    private static (double Epsilon, double Step) Feinman(PaperData data) => data switch
    {
        PaperData.Mnist => (0.3, 0.01),
        PaperData.Cifar10 => (0.05, 0.005),
        PaperData.Svhn => (0.13, 0.01),
        _ => throw Unknown(data),
    };

    private static (int Steps, double Unit) JumpReLU(PaperData data) => data switch
    {
        PaperData.Mnist => (40, MnistUnit),
        PaperData.Cifar10 => (7, CifarUnit),
        _ => throw Unknown(data),
    };

    private static ArgumentOutOfRangeException Unknown(PaperData data) =>
        new(nameof(data), data, $"data must be a data set for which the paper gives this setting; it is {data}.");
}

/// <summary>The data sets for which papers give their settings; see <see cref="Presets"/>. Pixels lie in [0, 1].</summary>
public enum PaperData
{
    /// <summary>MNIST.</summary>
    Mnist,

    /// <summary>Fashion-MNIST.</summary>
    FashionMnist,

    /// <summary>CIFAR-10.</summary>
    Cifar10,

    /// <summary>Street view house numbers.</summary>
    Svhn,
}

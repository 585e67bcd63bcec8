#:project ../src/Defenses.Zoo/Defenses.Zoo.csproj
#:property Torch=native
// Which attacks an honest evaluation of a model must run, and how the cheap ones among them end.
using Defenses.Attacks;
using Defenses.Evaluation;
using Defenses.Layers;
using Defenses.Models;
using Defenses.Randomness;
using Defenses.Retrofit;
using Defenses.Training;
using Defenses.Zoo;

using var train = SyntheticDigits.Train(6_000);
using var test = SyntheticDigits.Test(50);
using var images = test.Images();
using var network = Networks.LeNetLike(seed: 1, dropout: 0);
new Trainer(new TrainingOptions { Epochs = 2, Seed = 1, Update = new AdamUpdate { Rate = LearningRate.Constant(0.002) } }).Run(network, train);
network.eval();
using var jumps = network.ReplaceReLU(_ => new RandomizedJumpReLU(high: 0.5), probe: images);
network.Reseed(1);

var model = new Classifier(network, Bounds.Unit);
var plan = AdaptiveAttacks.For(model);
Console.WriteLine(plan);

var judge = new Judge(draws: 20) { Seed = 2 };
Console.WriteLine($"no attack: {judge.Measure(model, images, test.Labels).Accuracy.MeanDraw} of the answers are right");
foreach (var planned in plan.Where(planned => planned.Make(0.08) is Pgd or CwPgd or Noise && planned.Goal is null))
{
    var attack = Cheaply(planned.Make(0.08)) with { Seed = 3 };
    using var result = attack.Run(planned.View.Of(model), images, test.Labels);
    Console.WriteLine($"{planned.Name}, {planned.View}: {judge.Measure(model, result.Adversarial, test.Labels).Accuracy.MeanDraw}");
}

// For a look; the plan's own settings are for a verdict.
static Attack Cheaply(Attack attack) => attack switch
{
    Pgd pgd => pgd with { Steps = 20, Restarts = 1 },
    CwPgd pgd => pgd with { Steps = 20, Restarts = 1 },
    _ => attack,
};

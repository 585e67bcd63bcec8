namespace TorchSharp;

public static partial class torch
{
    public static partial class optim
    {
        public static partial class lr_scheduler
        {
            // Python's schedulers: the constructor of the leaf takes step 0.
            public abstract class LRScheduler
            {
                private readonly bool _verbose;
                private protected readonly Optimizer _optimizer = null!;
                private protected readonly double[] _base_lrs = [];
                private double[] _last_lrs = [];
                private protected int _last_epoch = -1;
                protected int _step_count;

                protected LRScheduler()
                {
                }

                protected LRScheduler(Optimizer optimizer, int last_epoch = -1, bool verbose = false)
                {
                    ArgumentNullException.ThrowIfNull(optimizer);
                    (_optimizer, _last_epoch, _verbose) = (optimizer, last_epoch, verbose);
                    if (last_epoch == -1)
                        foreach (var group in optimizer.ParamGroups) group.InitialLearningRate = group.LearningRate;
                    _base_lrs = [.. optimizer.ParamGroups.Select(group => group.InitialLearningRate)];
                    _last_lrs = [.. Rates()];
                }

                public virtual void step() => step(null);

                // The metric is for schedulers that watch one.
                public virtual void step(double current, int? epoch = null) => step(epoch);

                public virtual void step(int? epoch)
                {
                    _step_count++;
                    _last_epoch = epoch ?? _last_epoch + 1;
                    var rates = (epoch is null ? get_lr() : get_closed_form_lr()).ToArray();
                    foreach (var (group, rate) in _optimizer.ParamGroups.Zip(rates))
                    {
                        if (_verbose && group.LearningRate != rate) Console.WriteLine($"Adjusting learning rate to {rate}");
                        group.LearningRate = rate;
                    }
                    _last_lrs = rates;
                }

                public IEnumerable<double> get_last_lr() => _last_lrs;

                protected virtual IEnumerable<double> get_lr() => Rates();

                protected virtual IEnumerable<double> get_closed_form_lr() => get_lr();

                private protected IEnumerable<double> Rates() => _optimizer.ParamGroups.Select(group => group.LearningRate);

                private protected IEnumerable<double> Times(double factor) => Rates().Select(rate => rate * factor);
            }
        }
    }
}

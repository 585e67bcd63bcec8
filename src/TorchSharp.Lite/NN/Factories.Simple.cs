using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static Sequential Sequential() => new();

        public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) => Chain(modules);

        public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules) => Chain(modules);

        public static Sequential Sequential(params Tuple<string, Module<Tensor, Tensor>>[] modules) =>
            Chain(modules.Select(entry => (entry.Item1, entry.Item2)));

        public static Sequential Sequential(IEnumerable<Tuple<string, Module<Tensor, Tensor>>> modules) =>
            Chain(modules.Select(entry => (entry.Item1, entry.Item2)));

        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) => Chain(modules.Select((m, i) => ($"{i}", m)));

        public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules) => Chain(modules.Select((m, i) => ($"{i}", m)));

        private static Sequential Chain(IEnumerable<(string Name, Module<Tensor, Tensor> Module)> entries)
        {
            var chain = new Sequential();
            foreach (var (name, module) in entries) chain.append(name, module);
            return chain;
        }

        public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

        public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);

        public static ModuleDict<Module> ModuleDict(params (string, Module)[] modules) => ModuleDict<Module>(modules);

        public static ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module
        {
            var dict = new ModuleDict<T>();
            foreach (var entry in modules) dict.Add(entry);
            return dict;
        }

        public static Identity Identity() => new();
        public static ReLU ReLU(bool inplace = false) => new(inplace);
        public static ReLU6 ReLU6(bool inplace = false) => new(inplace);
        public static LeakyReLU LeakyReLU(double negative_slope = 0.01, bool inplace = false) => new(negative_slope, inplace);
        public static ELU ELU(double alpha = 1, bool inplace = false) => new(alpha, inplace);
        public static SELU SELU(bool inplace = false) => new(inplace);
        public static GELU GELU() => new(false);
        public static GELU GELU(bool inplace) => new(inplace);
        public static SiLU SiLU() => new(false);
        public static SiLU SiLU(bool inplace) => new(inplace);
        public static Mish Mish() => new(false);
        public static Mish Mish(bool inplace) => new(inplace);
        public static Sigmoid Sigmoid() => new(false);
        public static Sigmoid Sigmoid(bool inplace) => new(inplace);
        public static Tanh Tanh() => new(false);
        public static Tanh Tanh(bool inplace = false) => new(inplace);
        public static Hardtanh Hardtanh(double min_val = -1, double max_val = 1, bool inplace = false) => new(min_val, max_val, inplace);
        public static Softmax Softmax(long dim) => new(dim);
        public static LogSoftmax LogSoftmax(long dim) => new(dim);
        public static Softplus Softplus(double beta = 1, double threshold = 20) => new(beta, threshold);
        public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);
        public static Dropout1d Dropout1d(double p = 0.5, bool inplace = false) => new(p, inplace);
        public static Dropout2d Dropout2d(double p = 0.5, bool inplace = false) => new(p, inplace);
        public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);
        public static Unflatten Unflatten(long dim, long[] unflattened_size) => new(dim, unflattened_size);
        public static PixelShuffle PixelShuffle(long upscale_factor) => new(upscale_factor);

        public static CrossEntropyLoss CrossEntropyLoss(Tensor? weight = null, long? ignore_index = null,
            Reduction reduction = Reduction.Mean) => new(weight, ignore_index, reduction);

        public static NLLLoss NLLLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);
        public static BCELoss BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean) => new(weight, reduction);

        public static BCEWithLogitsLoss BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean,
            Tensor? pos_weights = null) => new(weight, reduction, pos_weights);

        public static MSELoss MSELoss(Reduction reduction = Reduction.Mean) => new(reduction);
        public static L1Loss L1Loss(Reduction reduction = Reduction.Mean) => new(reduction);
        public static SmoothL1Loss SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1) => new(reduction, beta);
        public static HuberLoss HuberLoss(double delta = 1, Reduction reduction = Reduction.Mean) => new(delta, reduction);
        public static KLDivLoss KLDivLoss(bool log_target = true, Reduction reduction = Reduction.Mean) => new(log_target, reduction);
    }
}

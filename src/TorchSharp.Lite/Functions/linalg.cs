namespace TorchSharp;

public static partial class torch
{
    public static class linalg
    {
        public enum QRMode { Reduced = 0, Complete = 1, R = 2 }

        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            Op.Call("linalg_norm", input, Arg.None, dims, keepdim);

        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Op.Call("linalg_norm", input, ord, dims, keepdim);

        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) =>
            norm(input, (double)ord, dims, keepdim);

        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) =>
            Op.Call("linalg_norm.ord_str", input, ord, dims, keepdim);

        public static Tensor vector_norm(Tensor input, double ord = 2, long[]? dims = null, bool keepdim = false) =>
            Op.Call("linalg_vector_norm", input, ord, dims, keepdim);

        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) =>
            Op.Call("linalg_matrix_norm.str_ord", input, ord, dims ?? [-2, -1], keepdim);

        public static Tensor matrix_norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            Op.Call("linalg_matrix_norm", input, ord, dims ?? [-2, -1], keepdim);

        public static Tensor det(Tensor input) => Op.Call("linalg_det", input);

        public static (Tensor, Tensor) slogdet(Tensor input) => Op.Call2("linalg_slogdet", input);

        public static Tensor inv(Tensor input) => Op.Call("linalg_inv", input);

        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Op.Call("linalg_pinv.atol_rtol_float", input, atol, rtol, hermitian);

        public static Tensor cholesky(Tensor input) => Op.Call("linalg_cholesky", input);

        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Op.Call("linalg_solve", A, B, left);

        public static Tensor solve_triangular(Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false,
            Tensor? @out = null) =>
            @out is null ? Op.Call("linalg_solve_triangular", A, B, upper, left, unitriangular)
            : Op.Call("linalg_solve_triangular.out", A, B, upper, left, unitriangular, @out);

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other)
        {
            var results = Op.CallList("linalg_lstsq", input, other);
            return (results[0], results[1], results[2], results[3]);
        }

        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) =>
            Op.Call2("linalg_qr", input, mode.ToString().ToLowerInvariant());

        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) =>
            Op.Call3("linalg_svd", input, fullMatrices);

        public static Tensor svdvals(Tensor input) => Op.Call("linalg_svdvals", input);

        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Op.Call2("linalg_eigh", input, UPLO.ToString());

        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Op.Call("linalg_eigvalsh", input, UPLO.ToString());

        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) =>
            Op.Call("linalg_matrix_rank.atol_rtol_float", input, atol, rtol, hermitian);

        public static Tensor multi_dot(IList<Tensor> tensors) => Op.Call("linalg_multi_dot", Many(tensors));

        public static Tensor vecdot(Tensor x, Tensor y, long dim = -1, Tensor? @out = null) =>
            @out is null ? Op.Call("linalg_vecdot", x, y, dim) : Op.Call("linalg_vecdot.out", x, y, dim, @out);

        public static Tensor cross(Tensor input, Tensor other, long dim = -1) => Op.Call("linalg_cross", input, other, dim);
    }
}

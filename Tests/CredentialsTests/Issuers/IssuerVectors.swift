import InterlockJSON

/// Keys and tokens made by PyPI `cryptography` 50.0.2. Claims of the tokens: issuer https://idp.example, audience
/// https://gw.example/mcp, client and subject `triage`, scope `tickets:read`, valid for an hour from 1795000000.
enum IssuerVectors {
    static let modulus =
        "zyMgh58-DqYE--ddwNoelOO86C3VmaskcjUCaydg6IN255GsfAeKl7ZLtWikI88FdyP8EcuYsnAKjtAgq78P"
        + "InKxrcLok68m5kbejXuX7k62cpQCzGuuh9MehSatHPUB22E92UmG026hjrO_KJAfovVqIDodjuUaGZ_5Ma6u"
        + "jzQeIW5wPDJDquVCeDFgFdbSf4t1bYkxpjlOutXUgXHs1nQvxhyXskTVkVusGpUZdrKb05BrBv76fBi3oPvA"
        + "OhrtbFArb4pFgDqa6EdnknrwJ3WKTauHE8QPXiJ7NxGCs9hp-KtTv7Gv_ScIKP-nYwmnQv1ys-"
        + "Ef_SbaRiyapgNJ7Q"
    static let x =
        "DOVGZ5I1J2fT7VbWgz1P30CYcteIBEr_8K1ThSFOXkM"
    static let y =
        "ryYCnLkvFkVRY_EjHjtaFxhnpBUnpL9VL3M7o3dznzE"
    static let rs256 =
        "eyJhbGciOiJSUzI1NiIsImtpZCI6InIxIiwidHlwIjoiYXQrand0In0.eyJpc3MiOiJodHRwczovL2lkcC5l"
        + "eGFtcGxlIiwiYXVkIjoiaHR0cHM6Ly9ndy5leGFtcGxlL21jcCIsInN1YiI6InRyaWFnZSIsImNsaWVudF9p"
        + "ZCI6InRyaWFnZSIsImV4cCI6MTc5NTAwMzYwMCwiaWF0IjoxNzk1MDAwMDAwLCJzY29wZSI6InRpY2tldHM6"
        + "cmVhZCJ9.AwSTuX45fkdQjpB7hzw7v-"
        + "qxeNaVIXCH_8yVq6rPvDzCuVKfYPEfTnugVO05hnpiI0Lz7lpXNXJ5uM2vC0lj88nAhY_1RKMacsQCO7cqRa"
        + "ab10ycTWRaeMDIztv4_PWBN0TUYpCHYESACsYiIafxQqSFFab-_KQs6VCZE9TTGd0mFP6wb15CE1DCVDs2KD"
        + "1ud8dsnnaUEY3OBVK_0_TdDkg7CwpuXmRUD2E8_fEiTCCSiaxiIqUa1fpRC3REglgnBJuPXpDnFSGVm93pJ7"
        + "rj_sb-i0R6LEHIkrGgZHXqtl_YGy5Mtm-XrvjmwG8m6HCWAj84E26euPm9d_lW0aIlfg"
    static let es256 =
        "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUxIiwidHlwIjoiYXQrand0In0.eyJpc3MiOiJodHRwczovL2lkcC5l"
        + "eGFtcGxlIiwiYXVkIjoiaHR0cHM6Ly9ndy5leGFtcGxlL21jcCIsInN1YiI6InRyaWFnZSIsImNsaWVudF9p"
        + "ZCI6InRyaWFnZSIsImV4cCI6MTc5NTAwMzYwMCwiaWF0IjoxNzk1MDAwMDAwLCJzY29wZSI6InRpY2tldHM6"
        + "cmVhZCJ9.M3-xsa4TDImOmh9IFLyAR7owO2YX2R-"
        + "y8IGTnu9Q8ytPdExTk3TwyI4ALl8vmThml95XTpUsaEQg_w1PjBAfbg"

    static let rsa: JSONObject = [
        "kty": "RSA", "kid": "r1", "use": "sig", "n": .string(modulus), "e": "AQAB",
    ]
    static let p256: JSONObject = [
        "kty": "EC", "crv": "P-256", "kid": "e1", "x": .string(x), "y": .string(y),
    ]
}

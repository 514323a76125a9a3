import InterlockModel

@testable import InterlockCredentials

/// Keys made only for these tests, and the verification of their signatures.
enum AssertionKeys {
    static let ed25519 = """
        -----BEGIN PRIVATE KEY-----
        MC4CAQAwBQYDK2VwBCIEIARfUjnaPTYzeJ9lw8SggrM+9F1375VFsA/wSyF2nSXk
        -----END PRIVATE KEY-----
        """
    static let p256 = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgktii2O0UHrDnyJ4+
        xYzj5ga1tPRjelkmwbPxvK/YsC6hRANCAAT4H6jH+9UQlicDV49maalBv6gvPiHE
        O9/5w2z4AimgDNH7sgXR0STLrkSgqwB3VygD96gSFnKsHZBsIiVoi/sf
        -----END PRIVATE KEY-----
        """
    static let rsa = """
        -----BEGIN PRIVATE KEY-----
        MIIEvAIBADANBgkqhkiG9w0BAQEFAASCBKYwggSiAgEAAoIBAQCakQTXMEjfIRc8
        cSt7heWwK4kUp259sACudetpZA6x9SxPTRJf2l2oYCWRR+RTgAhjHdogwyTC9j8W
        dVw2Rk0GvlE196aBQaPuYLVXAkEvR8SGuW5S9X/6qALYASWTUjHfMMhacRG4rcS5
        HuVTjJzeMpBxtm8sp5L0smXY26dk0FmXVHsBWpOppoUxgZa9pI6KKoeTw+yWni5Q
        VlJ8G9jOoYGRM045s+2x/UUnr2og3fkEe4uT3tTjzQ6IcOIWznrxA2t1RvYTjnKo
        bZFbXIW5rPU6svXlQkW43a0owCQN4zLYa/jD6jCHGXQMXs0l0/mp7YYMqiXzGLcg
        NtvG3GbVAgMBAAECgf9EdP7NtmYHfi0/nCQ7YknLuK+s6VjonsKdcT7OP9Oowgum
        eiscYp7t78mirKfeZLiFceq/flk0d7EbidaeiIzy0cbqcScey5oghr0fg7Ewf50G
        7FWW+aSfuTjejAng7VepSvYcbc0R6Re8TEPWlts4sGgvjogdurP5geezdXN/R8KN
        KIxtPvWf99nLtIzEXoyFc1ofvK0DntJxgbdd9VxgB3KPZsvh5JhOoOFTKp0/X+IB
        hihrskknrM3Hl6OD0jUrjqrXjctjZVkM9PaiE0GhXDvqcDYXolyRF3Pdr/9ZIEjo
        5h33GDeaY+DATrySlxvnp/twdumJZjGvGVTx21ECgYEAy2slMvZymIhR2M3goVfO
        2RDUmqaASHSGHNJ8EOnyUXbndXgv0Vu76m4dBY/AJ7B/tycH5nj3ELd94WOpq8uV
        KtOdWE1g6vCTkS1B/3TJvxQpu0fxWggcBc3z77qN/xAkbe4E8+SROFjWnV61SioX
        LbrrFK5kgy6Ag0x9cvPubwUCgYEAwoUtSYGRRh5LqNIPfTseVlPk+z8Fs6wEpQJv
        XSNcJ2wR5qRcga6w+t+TXEKr7PLSFykvsNHuHH0T2dG8hWoPALv6Lcy/UIuAYyng
        sPfotcaNWqphSfxuMLZy7zxu4yuZ5GgWWqNWmc8KGNoskYQMsJ/ziF7hr48/D8cF
        WYXGgZECgYEApNJmS8rgw7MBDniSoGizk7JNchmjLBIucMAkAthsnZGIref6Ztq7
        gpJCNbVqbz5V3aNkhVxSZFspRi0o16iXbyIUBe58ryDLkQBoz4Jjzc2amsMKTnbv
        rcxY8U/pqlf8DI6luLDk8hEZpF2O6077hPRFcnZzvs85FiouI6x+77kCgYAX7cYa
        asPyOjvYcq7RGvqqZ/udJK2Q4rJXkisc7AKkHtk85C81DMZctjAsg08fAOfzTW++
        crS18HUGsJReXSOnVXh7Ndq7D84lZLttSbHo2pn880Swk0sC1w7gezCw5WYzANLv
        J3S5ywxU7lHZPMNK3wJYXkOpExgQ2sy/rIM04QKBgQDDCm4f3b7ulKsDGHKiyiLB
        1IulHoUk5yXwVVxFIFELEoELF8xKEegKo9qCTzXNH7l2IGOXvsG49hBj39WRvLir
        GmEjMnQIZY6hQAXpZXstmIAyW0Z618uW9rrgOpld7iRwIRjal9Z692FCY2wJxtdx
        L8lTUkNOKKUdl4SXeDWY1A==
        -----END PRIVATE KEY-----
        """
    static let p384 = """
        -----BEGIN PRIVATE KEY-----
        MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDD9ce9tMfz+OFPNOLZb
        bFw+B9Qa2/Q0Rpzvreh7SaFxBIRbpdnqQEkNKNJtL3CpJKmhZANiAATEszvuYC5x
        uBqVU1r52oP7tFKDspynSdLXAOEJTT0mhGy9o8YRWxvdD8TE7tRZjRv6x/QWfSau
        rTW1D7hAPoideMrnSXmz/Pryak5d1UU/jPsXcdcDgcnNq2+pkveO0Jg=
        -----END PRIVATE KEY-----
        """
    static let publicOnly = """
        -----BEGIN PUBLIC KEY-----
        MCowBQYDK2VwAyEAMUj5bsgA4PtuUvZEg5syj9en/TtpxXtBaPwDZUBViMw=
        -----END PUBLIC KEY-----
        """
    static let encrypted = """
        -----BEGIN ENCRYPTED PRIVATE KEY-----
        MIGjMF8GCSqGSIb3DQEFDTBSMDEGCSqGSIb3DQEFDDAkBBAEJnGX0Tt6uT50eF3B
        PolyAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQ6BVmEUSHwKDt30RI
        TylNdgRAbTCIaZVmvHnmaM0OjqQN/D38mJc9OL9+lwOSVtHGfjMq78pD/PX0P4nn
        pXBUyc3wymRwh3Ua4Lo81X81ldr6fA==
        -----END ENCRYPTED PRIVATE KEY-----
        """

    static var verification: [TokenAlgorithm: VerificationKey] {
        func bytes(_ text: String) -> [UInt8] { Base64.decodeURL(text) ?? [] }
        var keys: [TokenAlgorithm: VerificationKey] = [:]
        keys[.edDSA] = VerificationKey(
            ed25519: bytes(ed25519X))
        keys[.es256] = VerificationKey(
            p256X: bytes(p256X), y: bytes(p256Y))
        keys[.rs256] = VerificationKey(
            rsaModulus: bytes(modulus), exponent: [1, 0, 1])
        return keys
    }

    /// The public parts, in base64url.
    static let ed25519X = "MUj5bsgA4PtuUvZEg5syj9en_TtpxXtBaPwDZUBViMw"
    static let p256X = "-B-ox_vVEJYnA1ePZmmpQb-oLz4hxDvf-cNs-AIpoAw"
    static let p256Y = "0fuyBdHRJMuuRKCrAHdXKAP3qBIWcqwdkGwiJWiL-x8"
    static let modulus =
        "mpEE1zBI3yEXPHEre4XlsCuJFKdufbAArnXraWQOsfUsT00SX9pdqGAlkUfkU4AIYx3aIM"
        + "MkwvY_FnVcNkZNBr5RNfemgUGj7mC1VwJBL0fEhrluUvV_-qgC2AElk1Ix3zDIWnERuK3E"
        + "uR7lU4yc3jKQcbZvLKeS9LJl2NunZNBZl1R7AVqTqaaFMYGWvaSOiiqHk8Pslp4uUFZSfB"
        + "vYzqGBkTNOObPtsf1FJ69qIN35BHuLk97U480OiHDiFs568QNrdUb2E45yqG2RW1yFuaz1"
        + "OrL15UJFuN2tKMAkDeMy2Gv4w-owhxl0DF7NJdP5qe2GDKol8xi3IDbbxtxm1Q"
}

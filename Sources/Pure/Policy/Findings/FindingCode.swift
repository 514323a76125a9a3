/// The kind of a finding, identified by a code that is never reused (docs/specs/policy.md, section 7).
package enum FindingCode: String, Sendable, Hashable, CaseIterable {
    // Encoding and YAML: the file is not typed.
    case forbiddenCharacter = "E101"
    case yamlSyntax = "E102"
    case anchor = "E103"
    case tag = "E104"
    case keyNotScalar = "E105"
    case secondDocument = "E106"
    case tab = "E107"
    case duplicateKey = "E108"
    case tooLarge = "E109"
    case emptyFile = "E110"
    // Shape and type.
    case unknownKey = "E201"
    case wrongShape = "E202"
    case wrongType = "E203"
    case missingKey = "E204"
    case outOfRange = "E205"
    case unknownVersion = "E206"
    // References between the parts of one policy.
    case noSuchTool = "E210"
    case noSuchName = "E211"
    case ambiguousTool = "E212"
    case wildcardGrant = "E213"
    case malformedName = "E214"
    case classMissing = "E215"
    case keepWithDrop = "E216"
    case unfitSelection = "E217"
    case unfitUnit = "E218"
    // Sandboxes.
    case unfitSandbox = "E219"
    case refusedPath = "E220"
    case secretInSandbox = "E221"
    case unfitFlow = "E222"
    case unfitSafety = "E224"
    // Tests.
    case contradictedLevel = "E223"
    // Guards, as text and against the schemas of their tools.
    case guardSyntax = "E301"
    case guardTooLarge = "E302"
    case guardUndeclared = "E303"
    case guardFunction = "E304"
    case guardNotBool = "E305"
    case guardPattern = "E306"
    case guardStringBuilding = "E307"
    case guardCost = "E308"
    case guardStyle = "E309"
    case guardField = "E310"
    case guardOperation = "E311"
    case guardComparison = "E312"
    case guardArithmetic = "E313"
    case guardZone = "E314"
    case guardSchema = "E315"
    // The whole folder.
    case duplicateName = "E401"
    case outOfPlace = "E402"
    case idIsReason = "E403"
    case sharedCredential = "E404"
    case reversedWindow = "E405"
    case lockUnusable = "E406"
    case testNamesUnknown = "E407"
    case classBelowFloor = "E408"

    case noOwner = "L101"
    case noPurpose = "L102"
    case noTier = "L103"
    case noStage = "L104"
    case noReview = "L105"
    case reviewExpired = "L106"
    case grantAboveTier = "L107"
    case limitAboveTier = "L108"
    case tierDemands = "L109"
    case noApprovers = "L110"
    case groupTooSmall = "L111"
    case serverNotDescribed = "L112"
    case toolNotDescribed = "L113"
    case elevationEnded = "L114"
    case elevationUnfit = "L115"
    case graveEffectAllowed = "L116"
    case tierTooLax = "L117"
    case drillInterval = "L119"
    case ownerLeft = "L121"
    case shellAllowsProduction = "L122"

    case grantWithoutEffect = "W201"
    case guardConstant = "W202"
    case forbidWithoutEffect = "W203"
    case scopeUnused = "W204"
    case wholeClassGrant = "W205"
    case negatedTest = "W206"
    case guardOptionalField = "W207"
    case spendUnbounded = "W208"
    case egressWildcard = "W209"
    case ownerInGroup = "W210"
    case drillOverdue = "W211"
    case exfiltrationPath = "W212"
    case approvalAloneGrants = "W213"
    case approvalOfReversible = "W214"
    case noEffects = "W215"
    case noPin = "W216"
    case pageTooLong = "W217"
    case uselessWaiver = "W218"
    case standingProduction = "W220"
    case guardUndecidable = "W221"
    case guardCostAssumed = "W222"
    case noKillSwitch = "W223"
    case tierBelowComputed = "W224"
    case rotationOverdue = "W225"
    case weakServer = "W226"
    case guardPointless = "W227"
    case pathDropped = "W228"
    case drillRare = "W229"
    case unitInTemplate = "W230"
    case rawEgress = "W231"
    case secretInPolicy = "W232"
    case weakSandbox = "W233"
    case hostPromptUnused = "W234"
    case trustedField = "W235"
    case flowWithoutEffect = "W236"
    case sourceUnstated = "W237"
    case taskToolNotGranted = "W238"
    case taskWithoutPreview = "W239"
    case cutWithoutEffect = "W240"
    case endedValueWaiver = "W241"
    case waiverWithoutArgument = "W242"
    case loosenedCriteria = "W243"
    case lethalTrifecta = "W244"

    /// The policy is valid, but this version does not enforce what it states, so it is not served.
    case notEnforced = "N101"
    /// The policy is valid and served, but this part cannot act before an agent has earned its stage.
    case notEarned = "N102"

    package var grade: FindingGrade {
        switch rawValue.utf8.first {
        case UInt8(ascii: "L"): .lint
        case UInt8(ascii: "W"): .warning
        case UInt8(ascii: "N"): self == .notEarned ? .unearned : .unsupported
        default: .error
        }
    }

    /// The gateway's reaction to a lint error, or nil for the other grades.
    package var consequence: LintConsequence? {
        guard grade == .lint else { return nil }
        switch self {
        case .reviewExpired: return .readOnlyLater
        case .serverNotDescribed, .toolNotDescribed, .elevationEnded, .elevationUnfit:
            return .grantsNothing
        case .graveEffectAllowed, .tierTooLax, .shellAllowsProduction: return .refuse
        default: return .hold
        }
    }
}

package enum FindingGrade: Sendable, Hashable {
    /// The policy is not compiled.
    case error
    /// The policy compiles, and the gateway holds whatever is unfit.
    case lint
    /// The policy needs a change or a waiver.
    case warning
    /// This version does not serve the policy.
    case unsupported
    /// This version serves the policy, and this part of it cannot act yet.
    case unearned
}

package enum LintConsequence: Sendable, Hashable {
    /// The agent runs at stage `observe`, reason `incomplete`.
    case hold
    case grantsNothing
    /// Reads stay permitted; all other calls end 14 days after the review was due.
    case readOnlyLater
    /// The policy is never loaded.
    case refuse
}

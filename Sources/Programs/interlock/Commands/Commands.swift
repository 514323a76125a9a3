import InterlockApprovalCommands
import InterlockClusterCommands
import InterlockCommandLine
import InterlockDoctorCommands
import InterlockEvalCommands
import InterlockEvidenceCommands
import InterlockHookCommands
import InterlockIncidentCommands
import InterlockPolicyCommands
import InterlockProvenanceCommands
import InterlockRelay
import InterlockReviewCommands
import InterlockRunning
import InterlockSafetyCommands
import InterlockSelfTesting
import InterlockSignerCommands
import InterlockStatusCommands
import InterlockTrustCommands
import InterlockWorkspaceCommands

/// Every command, in the order in which the overview prints them.
let commands: [Command] = [
    .initialize, .login, .serve, .watch, .status, .ready, .stdio, .hook, .hookInstalls,
    .hookUninstall,
    .hookPolicyHelper, .doctor, .connect, .inventory,
    .policyInit, .policyFormat, .policyCheck, .policyTest, .policyExplain, .policyWorstCase,
    .policyDiff,
    .policyMutate, .policyExport, .policyImport,
    .policySimulate, .policyAdvise, .policySchema, .serversList, .serversImport, .serversPin,
    .serversDrift, .serversQuarantine, .serversRelease, .serversAuthorize, .agentsList,
    .agentsExport, .agentsToken, .agentsWho,
    .approvalsList, .approvalsWatch, .approvalsShow, .approvalsApprove, .approvalsBatch,
    .approvalsDeny,
    .approvalsRevoke,
    .approvalsBreakGlass, .approvalsReview, .approvalsDelegate, .approvalsDelegations,
    .approvalsVerify, .approvalsMetrics,
    .runAgent, .limits, .breakers, .breakersClose, .runsList, .runsShow, .runsPause, .runsUnpause,
    .safetyScan, .safetyTest, .safetyRules, .safetyTaint, .safetyCanaryAdd, .safetyCanaryList,
    .safetyCanaryRemove,
    .workspaceDiff, .workspaceApprove, .workspaceApply, .workspaceExport, .workspaceDiscard,
    .workspaceUntrusted, .workspaceClean,
    .provenanceMark, .provenanceCheck, .provenanceCapacity,
    .evalRun, .evalLint, .evalReport, .evalGate, .evalExcept, .evalAttest, .evalCapture,
    .evalImport,
    .trustStatus, .trustExplain, .trustClassify, .trustPropose, .trustProposals, .trustPromote,
    .trustDelegate, .trustConfirm, .trustExcept,
    .evidenceBuild, .evidenceVerify, .evidenceControls, .evidenceSignTests,
    .reviewStatus, .reviewStart, .reviewRecords, .reviewFindings, .reviewSign, .reviewDiscard,
    .reviewPostpone,
    .kill, .resume,
    .alertsList, .alertsShow, .alertsTest, .alertsDispose, .detectorsReport,
    .incidentsList, .incidentsShow, .incidentsTimeline, .incidentsOpen, .incidentsAct,
    .incidentsClose,
    .outcomesList, .outcomesCheck,
    .drillRun, .drillStatus, .drillVerify, .drillSign, .drillCountingServer, .drillSandbox,
    .selfTestRun, .selfTestStatus, .selfTestList, .selfTestSandbox,
    .elevateRequest, .elevateApprove, .elevateList, .elevateEnd,
    .auditWitnessStatus, .auditWitnessAdd, .auditWitnessRemove, .auditWitnessTest,
    .auditWitnessKey, .auditWitnessServe,
    .auditTail, .auditQuery, .auditShow, .auditGaps, .auditExport, .auditVerify, .auditProve,
    .auditBundle, .auditErase, .auditReplay, .auditRecords, .auditEpochList, .auditEpochNew,
    .auditPrune, .auditKeyList, .auditKeyRotate, .signer, .signerStatus, .signerMove, .signerReturn,
    .clusterMigrate, .clusterInit, .clusterJoin, .clusterAdmit, .clusterPermit, .clusterStatus,
    .peopleKey, .peopleList, .peopleInvite, .peopleEnrol, .peopleConfirm, .peopleRole,
    .peopleRevoke, .tokensIssue, .tokensList, .tokensRevoke, .configReference, .openAPI,
    .completion, .manual, .version,
]

/// A description of each group of commands, by their common first word.
let commandGroups = [
    "policy": "what is allowed",
    "servers": "what agents reach, as it was reviewed",
    "agents": "who acts",
    "approvals": "what waits for people",
    "runs": "what acts now",
    "safety": "what must not be shown to an agent",
    "workspace": "what a run changed, and what of it is applied",
    "provenance": "what agents wrote, and who reviewed it",
    "eval": "whether an agent still does what it should",
    "trust": "what autonomy an agent has earned",
    "evidence": "what an auditor gets, and its check",
    "review": "what agents did, read by people who sign for it",
    "alerts": "what was noticed, and what it was",
    "incidents": "what people are handling, and how it ended",
    "detectors": "how good the noticing is",
    "outcomes": "calls whose outcome is unknown",
    "drill": "rehearsals of the kill switch",
    "selftest": "whether forbidden calls are refused, and known pitfalls avoided",
    "elevate": "more for one agent, with an end",
    "audit": "what happened, and its proof",
    "cluster": "several nodes, and the database that they share",
    "people": "who decides",
    "tokens": "which services read without a person",
    "config": "what interlock.yaml may say",
]
